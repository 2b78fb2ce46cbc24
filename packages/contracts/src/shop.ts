// ISO 4217, the currencies one can pay in (no funds, metals or test codes), by the digits of their minor unit.
const CODES = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF',
  2:
    'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY ' +
    'COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS ' +
    'INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR ' +
    'MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD ' +
    'SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG',
  3: 'BHD IQD JOD KWD LYD OMR TND',
}

const digitsByCode: ReadonlyMap<string, number> = new Map(
  Object.entries(CODES).flatMap(([digits, codes]) =>
    codes.split(' ').map((code): [string, number] => [code, Number(digits)]),
  ),
)

/** Digits of the currency's minor unit (GBP 2, JPY 0, KWD 3); undefined where there is no such currency. */
export const minorDigitsOf = (currency: string): number | undefined => digitsByCode.get(currency)

export const currencies: readonly string[] = [...digitsByCode.keys()]

export const isCurrency = (currency: string): boolean => digitsByCode.has(currency)

/** How customers may pay: `provider` of a payment, and whether it needs a token that the provider gave for a card. */
export const paymentProviders: readonly { name: string; needsToken: boolean }[] = [
  { name: 'sandbox', needsToken: true },
  { name: 'manual', needsToken: false },
  { name: 'stripe', needsToken: false },
]
