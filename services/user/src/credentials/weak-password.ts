import { dictionary } from '@zxcvbn-ts/language-common'
import { exceedsBcrypt, MAX_PASSWORD_BYTES } from './password.ts'
import { Problem } from '../problems.ts'

const common = new Set<string>(dictionary['passwords-common'])

/** Whose password it would be. */
export interface Owner {
  email: string
  name: string | null
}

const MAX_PATTERN = 4
/** So many characters must be left once what others know of the owner is taken away. */
const MIN_OWN = 6

const plain = (text: string) => text.normalize('NFKC').toLowerCase()

/** The shortest piece that the whole text repeats; the text itself where it repeats nothing. */
const repeatedPiece = (text: string) => {
  // A text that repeats a piece is found inside two of itself before its end.
  const period = (text + text).indexOf(text, 1)
  return text.slice(0, period)
}

const isSequence = (text: string) => {
  const codes = [...text].map((character) => character.codePointAt(0) ?? 0)
  return [1, -1].some((step) => codes.every((code, at) => at === 0 || code - (codes[at - 1] ?? 0) === step))
}

/** On the list, also with digits and signs around it ("Password123!"), repeated ("monkeymonkey") or counted up. */
const isCommon = (text: string): boolean => {
  const piece = repeatedPiece(text)
  const word = text.replace(/^[^\p{L}]+/u, '').replace(/[^\p{L}]+$/u, '')
  return (
    piece.length <= MAX_PATTERN ||
    isSequence(text) ||
    [text, piece].some((candidate) => common.has(candidate)) ||
    (word.length * 2 > text.length && common.has(word))
  )
}

const isAboutOwner = (text: string, { email, name }: Owner) => {
  const known = [email, email.split('@', 1)[0] ?? '', name ?? ''].map(plain)
  const parts = [...known, ...known.flatMap((part) => part.split(/[^\p{L}\p{N}]+/u))]
    .filter((part) => part.length >= 3)
    .sort((a, b) => b.length - a.length)
  const rest = parts.reduce((left, part) => left.replaceAll(part, ''), text)
  return rest.length < text.length && rest.replace(/[^\p{L}\p{N}]/gu, '').length < MIN_OWN
}

/** Why nobody should have this password, or null. */
export const findWeakness = (password: string, owner: Owner): string | null => {
  const text = plain(password)
  if (isAboutOwner(text, owner)) return 'must not be made of the e-mail address or the name'
  return isCommon(text) ? 'is among the first that are tried' : null
}

/** Ends the request where this can be no password of theirs: what bcrypt would cut, and what is easily guessed. */
export const requireStrongPassword = (password: string, owner: Owner) => {
  if (exceedsBcrypt(password)) throw refuse('unprocessable', `must have at most ${MAX_PASSWORD_BYTES} bytes`)
  const weakness = findWeakness(password, owner)
  if (weakness !== null) throw refuse('weak-password', weakness)
}

const refuse = (kind: 'unprocessable' | 'weak-password', message: string) =>
  new Problem(kind, `The password ${message}.`, { errors: [{ path: 'password', message }] })
