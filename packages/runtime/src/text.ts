// Accents and vowel points that writers leave out. Not the marks without which a word is another one: the voicing of
// kana (で is no て), the vowel signs of Devanagari or Thai.
const OPTIONAL_MARKS =
  /[[\p{M}&&[\p{Script=Inherited}\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Arabic}\p{Script=Hebrew}]]--[\u3099\u309A]]/gv
// Soft hyphens, joiners and direction marks; and the tatweel, which only stretches a word.
const INVISIBLE = /[\p{Cf}\u0640]/gu
// Letters of Latin alphabets that Unicode does not take apart. A library that knows all of them costs each process 25 MB.
const LETTERS = new Map(
  'æ:ae œ:oe þ:th ß:ss ð:d đ:d ɖ:d ɗ:d ø:o ɔ:o ɵ:o ł:l ƚ:l ı:i ɨ:i ħ:h ŋ:n ɲ:n ŧ:t ƭ:t ƀ:b ɓ:b ə:e ǝ:e ɛ:e ɣ:g ǥ:g ƙ:k ĸ:k ƒ:f ƥ:p ʋ:v ƴ:y ƶ:z ʉ:u'
    .split(' ')
    .map((pair) => pair.split(':') as [string, string]),
)
const OTHER_LATIN = /[[\p{Script=Latin}]--[\x00-\x7F]]/gv
const OTHER_DIGIT = /[\p{Nd}--[0-9]]/gv
const ONLY_ASCII = /^[\x00-\x7F]*$/

/** The digits of a script follow each other from its zero on. */
const toDigit = (digit: string) => {
  const code = digit.codePointAt(0) ?? 0
  let value = 0
  while (value < 9 && /^\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) value++
  return String(value)
}

/** Text as it is compared where case, accents and forms of writing must not count: "Große TASSE" and "grosse tasse",
 * "Kapı" and "kapi", "ｶｯﾌﾟ" and "カップ", "٤٩" and "49". For keys and searches, never for display. */
export const foldText = (text: string): string =>
  ONLY_ASCII.test(text)
    ? text.toLowerCase()
    : text
        // Upper case first: the full mapping, which makes SS of ß and Ι of a subscript iota.
        .toUpperCase()
        .normalize('NFKD')
        .replace(OPTIONAL_MARKS, '')
        .replace(INVISIBLE, '')
        .toLowerCase()
        .replaceAll('ς', 'σ')
        .replace(OTHER_LATIN, (letter) => LETTERS.get(letter) ?? letter)
        .replace(OTHER_DIGIT, toDigit)
        .normalize('NFC')

const HIDDEN =
  /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\uFFF9-\uFFFB]/u
const SCRIPTS =
  'Arabic Syriac Nko Mongolian Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada Malayalam Sinhala Khmer Myanmar'
const JOINED = String.raw`[[\p{L}\p{M}]&&[${SCRIPTS.replaceAll(/\w+/g, String.raw`\p{scx=$&}`).replaceAll(' ', '')}]]`
const VIRAMA = String.raw`[\u094D\u09CD\u0A4D\u0ACD\u0B4D\u0BCD\u0C4D\u0CCD\u0D4D\u0DCA]`
// Joiners where a script needs them, emoji, and the forms of Han characters that Japanese names have.
const NEEDED = new RegExp(
  [
    String.raw`\p{RGI_Emoji}`,
    String.raw`(?<=${JOINED})[\u200C\u200D](?=${JOINED})`,
    String.raw`(?<=${VIRAMA})[\u200C\u200D]`,
    String.raw`(?<=[\p{Script=Han}\p{Script=Mongolian}\p{Extended_Pictographic}])\p{Variation_Selector}`,
  ].join('|'),
  'gv',
)
const VISIBLE = /[[\p{L}\p{N}\p{P}\p{S}]--[\u2800]]/v
const PRINTABLE_ASCII = /^[\x20-\x7E]*$/

/** Whether a text is one line that people can see: no control, direction mark or invisible character, and not blank. Empty text is. */
export const isOneLine = (text: string): boolean => {
  if (text === '') return true
  if (PRINTABLE_ASCII.test(text)) return text.trim() !== ''
  return VISIBLE.test(text) && (!HIDDEN.test(text) || !HIDDEN.test(text.replace(NEEDED, '')))
}
