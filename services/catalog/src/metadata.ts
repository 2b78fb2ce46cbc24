/** What integrators keep with a product; the catalogue never reads it. */
export type Metadata = Record<string, unknown>

export const MAX_METADATA_BYTES = 8_192
export const MAX_METADATA_DEPTH = 6

const isText = (text: string) => text.isWellFormed() && !text.includes('\0')

/** What is wrong with a product's metadata; null where it can be kept as it is. */
export const findMetadataFault = (metadata: Metadata): string | null => {
  // By levels and not by recursion: a line of an import may be nested deeper than the stack is.
  let level: unknown[] = [metadata]
  for (let depth = 1; level.length > 0; depth++) {
    const nested = level.filter((value) => typeof value === 'object' && value !== null)
    if (nested.length > 0 && depth > MAX_METADATA_DEPTH)
      return `is more than ${MAX_METADATA_DEPTH} levels deep`
    for (const value of level) {
      if (typeof value === 'string' && !isText(value)) return 'has text that is not well-formed or has a NUL'
      if (typeof value === 'number' && !Number.isFinite(value)) return 'has a number that is too large'
    }
    for (const key of nested.flatMap((value) => Object.keys(value))) {
      if (!isText(key)) return 'has a key that is not well-formed or has a NUL'
      // Readers that copy by assignment would lose it, or worse.
      if (key === '__proto__') return 'has a key "__proto__"'
    }
    level = nested.flatMap((value) => Object.values(value) as unknown[])
  }
  return Buffer.byteLength(JSON.stringify(metadata)) > MAX_METADATA_BYTES
    ? `has more than ${MAX_METADATA_BYTES} bytes`
    : null
}

/** As it will be read again: JSON has no -0. */
export const tidyMetadata = (metadata: Metadata) => JSON.parse(JSON.stringify(metadata)) as Metadata
