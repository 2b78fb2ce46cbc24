const CODE = /^[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N}._-]{0,49}$/u

/** A coupon code as it is compared: NFKC, trimmed, upper case; null where that is no code (1–50 letters, digits, `. _ -`). */
export const normaliseCode = (input: string): string | null => {
  const code = input.normalize('NFKC').trim().toUpperCase().normalize('NFKC')
  return CODE.test(code) ? code : null
}
