import { foldText } from '@storewright/runtime/text'

const EXTENSION = /^(.*?)[\s,;]*(?:extension|ext\.?|x|#)[\s:=.]*(\d{1,7})$/u
const NUMBER = /^\+?[\d ()./-]+$/u
/** E.164 has 15 at most, and 00 may stand for the +. */
const MIN_DIGITS = 3
const MAX_DIGITS = 17
const MAX_LENGTH = 40

/** A telephone number as it is stored, `+1 212 555 0100 ext. 5`; null where it is none. Whether it is in use is not checked. */
export const normalisePhone = (input: string): string | null => {
  const text = foldText(input)
    .replace(/^tel:/u, '')
    .replace(/[‐-―−ー]/gu, '-')
    .replace(/\s+/gu, ' ')
    .trim()
  const [, main = text, extension] = EXTENSION.exec(text) ?? []
  const digits = main.replace(/\D/gu, '').length
  if (!NUMBER.test(main) || digits < MIN_DIGITS || digits > MAX_DIGITS) return null
  const phone = extension === undefined ? main : `${main.trim()} ext. ${extension}`
  return phone.length <= MAX_LENGTH ? phone : null
}
