// Names that the file writes in its own way. "Unspecified" and "European Community" are no country: the shop's own.
const OWN_NAMES: Record<string, string> = {
  EIRE: 'IE',
  RSA: 'ZA',
  USA: 'US',
  'Channel Islands': 'JE',
  'Czech Republic': 'CZ',
  'Hong Kong': 'HK',
}

const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' })
// Some countries have a second, outdated code (UK, FX) that goes by the same name.
const isCurrent = (code: string) => Intl.getCanonicalLocales(`und-${code}`)[0] === `und-${code}`
const codes = new Map(
  letters
    .flatMap((first) => letters.map((second) => first + second))
    .filter(isCurrent)
    .map((code): [string | undefined, string] => [names.of(code), code]),
)

/** The ISO 3166 code of a country as the retail file names it; the shop's own country where it names none. */
export const countryCode = (name: string) => OWN_NAMES[name] ?? codes.get(name) ?? 'GB'
