/** How a customer may pay: `provider` of a payment, and whether it needs a token that the provider gave for a card. */
export interface PaymentProviderInfo {
  name: string
  needsToken: boolean
}

export const paymentProviders: readonly PaymentProviderInfo[] = [
  { name: 'sandbox', needsToken: true },
  { name: 'manual', needsToken: false },
]
