import anyAscii from 'any-ascii'

const MAX_SLUG = 120

export const SLUG_PATTERN = '^[a-z0-9]+(?:-[a-z0-9]+)*$'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

// Paths beside `/v1/products/{idOrSlug}` that a slug must not hide behind.
const TAKEN_BY_ROUTES = new Set(['import', 'export'])

export const isUuid = (text: string) => UUID.test(text)

export const isSlug = (text: string) => text.length <= MAX_SLUG && new RegExp(SLUG_PATTERN).test(text)

/** A slug that has the form of an id or is another path. */
export const isReservedSlug = (slug: string) => isUuid(slug) || TAKEN_BY_ROUTES.has(slug)

const cut = (text: string, length: number) => text.slice(0, length).replace(/-+$/, '')

/** "Straße nach Łódź, Ø 12" → "strasse-nach-lodz-o-12"; letters of any script in Latin ones. Empty where there are none. */
export const slugify = (text: string): string =>
  cut(
    anyAscii(text.normalize('NFC'))
      .toLowerCase()
      .replace(/'/g, '')
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, ''),
    MAX_SLUG,
  )

/** Slugs to try in this order; `distinct` (a SKU, a path) separates equal names, and the last, with the id, is free. */
export const slugCandidates = (text: string, distinct: string, id: string): string[] => {
  const slug = slugify(text)
  const join = (suffix: string) => [cut(slug, MAX_SLUG - 1 - suffix.length), suffix].filter(Boolean).join('-')
  const candidates = [slug, join(slugify(distinct).slice(0, 70)), join(`p-${id}`)]
  return candidates.filter((slug) => slug !== '' && !isReservedSlug(slug))
}
