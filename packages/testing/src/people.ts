/** What the address book and an order both take, and how they store it: one rule for the whole project. */
const HOME = { name: 'Ada', line1: '1 High St', city: 'Leeds', postalCode: 'LS1 1AA', country: 'GB' }

type Parts = Record<string, string | undefined>
interface Good {
  what: string
  given: Parts
  stored: Parts
}

const good = (what: string, change: Parts, stored: Parts = {}): Good => {
  const given = { ...HOME, ...change }
  return { what, given, stored: { ...given, ...stored } }
}
const abroad = { city: undefined, postalCode: undefined }

export const goodAddresses: Good[] = [
  good('of Kosovo', { country: 'XK', city: 'Prishtina', postalCode: '10000' }),
  good('of Guernsey', { country: 'GG', postalCode: 'gy11aa' }, { postalCode: 'GY1 1AA' }),
  good('of Åland', { country: 'AX', city: 'Mariehamn', postalCode: 'AX-22100' }, { postalCode: '22100' }),
  good('of Singapore without a city', { ...abroad, country: 'SG', postalCode: '546080' }, { city: '' }),
  good('of Gibraltar without city and code', { ...abroad, country: 'GI' }, { city: '', postalCode: '' }),
  good(
    'of Hong Kong without city and code',
    { ...abroad, country: 'HK', region: '九龍' },
    { city: '', postalCode: '' },
  ),
  good(
    'of Japan as it is written there',
    {
      name: '葛\u{E0100}城 太郎',
      country: 'JP',
      region: '東京都',
      city: '千代田区',
      postalCode: '〒１００−０００１',
    },
    { postalCode: '100-0001' },
  ),
  good('with a name whose script needs a joiner', { name: 'ආරියශ්\u200dරී' }),
  good(
    'with blanks around',
    { name: ' Ada ', postalCode: ' ls1  1aa ' },
    { name: 'Ada', postalCode: 'LS1 1AA' },
  ),
  good('with an American telephone', { phone: '(212) 555-0100' }),
  good('with an extension', { phone: '+1 212 555 0100 ext. 5' }),
  good('with an extension in short', { phone: '+1 212 555 0100x5' }, { phone: '+1 212 555 0100 ext. 5' }),
  good('with full-width digits', { phone: '＋８１ ３−１２３４−５６７８' }, { phone: '+81 3-1234-5678' }),
  good('with a copied telephone', { phone: '\u202a+44 113 496 0000\u202c' }, { phone: '+44 113 496 0000' }),
]

/** What both refuse, by the name of the field. */
export const badAddresses: { what: string; given: Parts; status: 400 | 422; field: string }[] = [
  ...['UK', 'ZZ', 'EU', 'AN'].map((country) => ({
    what: `of ${country}`,
    given: { ...HOME, country },
    status: 422 as const,
    field: 'country',
  })),
  ...['\r', '\n', '\u2028', '\u0085', '\x1b', '\u202e', '\u200b'].flatMap((character) =>
    (['name', 'line1', 'city'] as const).map((field) => ({
      what: `with ${JSON.stringify(character)} (U+${character.charCodeAt(0).toString(16)}) in its ${field}`,
      given: { ...HOME, [field]: `Ada${character}Lovelace` },
      status: 400 as const,
      field,
    })),
  ),
  { what: 'without its postal code', given: { ...HOME, postalCode: '' }, status: 422, field: 'postalCode' },
  {
    what: 'with "z" for a postal code',
    given: { ...HOME, postalCode: 'z' },
    status: 422,
    field: 'postalCode',
  },
  { what: 'without its city', given: { ...HOME, city: undefined }, status: 422, field: 'city' },
  {
    what: 'without its state',
    given: { ...HOME, country: 'US', postalCode: '90210' },
    status: 422,
    field: 'region',
  },
  {
    what: 'with "call me" for a telephone',
    given: { ...HOME, phone: 'call me' },
    status: 422,
    field: 'phone',
  },
]

/** E-mail addresses as people write them, in their normal form, and as they are shown. */
export const goodEmails: [written: string, normal: string, shown: string][] = [
  ['ann@bücher.example', 'ann@xn--bcher-kva.example', 'ann@bücher.example'],
  ['jörg@example.com', 'jörg@example.com', 'jörg@example.com'],
  [' Ann@Example.COM ', 'ann@example.com', 'ann@example.com'],
]
