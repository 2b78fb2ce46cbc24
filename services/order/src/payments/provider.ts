/** What the customer has to do before the payment can be authorized; the API shows it. */
export type NextAction = { type: 'redirect'; url: string } | { type: 'stripe'; clientSecret: string }

/** A provider's answer. Without an answer the call throws, and the attempt stays open. */
export type Outcome =
  | { result: 'succeeded'; reference: string }
  | { result: 'declined'; reason: string }
  | { result: 'waiting'; reference: string; nextAction: NextAction }

export interface ProviderRequest {
  /** The attempt's id: the provider does a thing once per key, however often it is asked. */
  key: string
  orderId: string
  amountMinor: number
  currency: string
  /** Aborts at the call's time-out; its slot is given to another payment then, whether the call ends or not. */
  signal: AbortSignal
}

export interface Question {
  key: string
  kind: 'authorize' | 'capture' | 'void'
  /** The provider's name of the authorization, where it is known. */
  reference: string | null
  signal: AbortSignal
}

export interface Notice {
  eventId: string
  type: string
  means: 'authorized' | 'canceled' | 'other'
  /** The authorization and the order that we named when we asked for it. */
  attemptId: string | null
  orderId: string | null
  reference: string
}

/** A webhook that the provider did not sign, or not lately. */
export class ForgedNotice extends Error {
  override readonly name = 'ForgedNotice'
}

export interface PaymentProvider {
  readonly name: string
  /** Whether a payment needs a token of the customer's. */
  readonly needsToken: boolean
  /** False where the first capture takes everything. */
  readonly capturesInParts: boolean
  authorize(request: ProviderRequest & { token: string | null }): Promise<Outcome>
  capture(request: ProviderRequest & { authorization: string }): Promise<Outcome>
  /** Gives up what is authorized, or what the customer has not completed. */
  void(request: ProviderRequest & { authorization: string }): Promise<Outcome>
  /** What became of a request whose answer was lost; null where it may be sent again under the same key. */
  find(question: Question): Promise<Outcome | null>
  /** Reads a webhook from the bytes that were signed; null where it is about no payment. A `ForgedNotice` otherwise. */
  readNotice?(body: Buffer, signature: string): Promise<Notice | null>
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
  find: ({ key }) => succeed(key),
})
