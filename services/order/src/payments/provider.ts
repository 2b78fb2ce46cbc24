/** A provider's final answer. Without an answer the call throws, and the attempt stays open. */
export type Outcome = { result: 'succeeded'; reference: string } | { result: 'declined'; reason: string }

export interface ProviderRequest {
  /** The attempt's id: the provider does a thing once per key, however often it is asked. */
  key: string
  orderId: string
  amountMinor: number
  currency: string
}

export interface PaymentProvider {
  readonly name: string
  /** Whether a payment needs a token of the customer's. */
  readonly needsToken: boolean
  /** False where the first capture takes everything. */
  readonly capturesInParts: boolean
  authorize(request: ProviderRequest & { token: string | null }): Promise<Outcome>
  capture(request: ProviderRequest & { authorization: string }): Promise<Outcome>
  void(request: ProviderRequest & { authorization: string }): Promise<Outcome>
  /** What became of a request whose answer was lost; null when it never arrived. */
  find(key: string): Promise<Outcome | null>
}

export type Providers = ReadonlyMap<string, PaymentProvider>

/** By the name that the API uses; GET /v1/shop names the same ones. */
export const providersByName = (providers: readonly PaymentProvider[]): Providers =>
  new Map(providers.map((provider) => [provider.name, provider]))

const succeed = (key: string) => Promise.resolve({ result: 'succeeded', reference: `manual-${key}` } as const)

/** Invoice or cash on delivery: the shop trusts the customer, and no provider is called. */
export const createManualProvider = (): PaymentProvider => ({
  name: 'manual',
  needsToken: false,
  capturesInParts: true,
  authorize: ({ key }) => succeed(key),
  capture: ({ key }) => succeed(key),
  void: ({ key }) => succeed(key),
  find: (key) => succeed(key),
})
