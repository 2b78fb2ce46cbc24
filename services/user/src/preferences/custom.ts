const MAX_BYTES = 16_384
const MAX_DEPTH = 6

const isText = (text: string) => text.isWellFormed() && !text.includes('\0')

/** What is wrong with a client app's own data; null where it can be kept as it is. */
export const findCustomFault = (custom: Record<string, unknown>): string | null => {
  // By levels and not by recursion: a body may be nested deeper than the stack is.
  let level: unknown[] = [custom]
  for (let depth = 1; level.length > 0; depth++) {
    const nested = level.filter((value) => typeof value === 'object' && value !== null)
    if (nested.length > 0 && depth > MAX_DEPTH) return `may be ${MAX_DEPTH} levels deep at most`
    for (const value of level) {
      if (typeof value === 'string' && !isText(value)) return 'must be well-formed text without NUL'
      if (typeof value === 'number' && !Number.isFinite(value)) return 'has a number that is too large'
    }
    if (!nested.every((value) => Object.keys(value).every(isText)))
      return 'must be well-formed text without NUL'
    level = nested.flatMap((value) => Object.values(value) as unknown[])
  }
  if (Buffer.byteLength(JSON.stringify(custom)) > MAX_BYTES) return `may have ${MAX_BYTES} bytes at most`
  return null
}
