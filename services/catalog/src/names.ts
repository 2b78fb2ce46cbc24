import { foldText } from '@storewright/runtime/text'

/** A name as it is stored: NFC, trimmed, each run of blanks one blank. */
export const tidyName = (name: string) => name.normalize('NFC').trim().replace(/\s+/gu, ' ')

/** Equal for names that people take for one: case, accents, width, invisible characters and blanks do not count. */
export const foldName = (name: string) => tidyName(foldText(name))

/** The positions of names that are the same name as one before them. */
export const findRepeated = (names: readonly string[]): number[] => {
  const seen = new Set<string>()
  return names.flatMap((name, index) => {
    const key = foldName(name)
    if (seen.has(key)) return [index]
    seen.add(key)
    return []
  })
}
