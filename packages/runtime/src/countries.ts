import codes from 'i18n-iso-countries/codes.json' with { type: 'json' }

/** All countries by their ISO 3166-1 alpha-2 codes, and XK: Kosovo's was left to its users, the post and every shop use it. */
export const countries: readonly string[] = codes.map(([alpha2]) => String(alpha2)).sort()
