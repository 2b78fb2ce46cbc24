import { AsyncLocalStorage } from 'node:async_hooks'
import type { Stripe as StripeClient } from 'stripe'
import { ForgedNotice, type Outcome, type PaymentProvider, type ProviderRequest } from './provider.ts'
import { toStripeAmount } from './stripe-amounts.ts'

export interface StripeSettings {
  secretKey: string
  webhookSecret: string
  apiBase: string
}

type Intent = Pick<StripeClient.PaymentIntent, 'id' | 'status' | 'client_secret'>

const NOT_CHARGEABLE: Outcome = { result: 'declined', reason: 'amount-not-chargeable' }

/** Of a payment intent that nobody captures but we do. */
const authorizationOf = ({ id, status, client_secret: clientSecret }: Intent): Outcome => {
  switch (status) {
    case 'requires_capture':
    case 'succeeded':
      return { result: 'succeeded', reference: id }
    case 'canceled':
      return { result: 'declined', reason: 'canceled' }
    default:
      // Also after a refused card: the customer may take another with the same intent.
      return {
        result: 'waiting',
        reference: id,
        nextAction: { type: 'stripe', clientSecret: clientSecret ?? '' },
      }
  }
}

const slug = (code: string | undefined) => (code ?? 'card_declined').replaceAll('_', '-').slice(0, 100)

const MEANINGS: ReadonlyMap<string, 'authorized' | 'canceled'> = new Map([
  ['payment_intent.amount_capturable_updated', 'authorized'],
  ['payment_intent.canceled', 'canceled'],
])

/** A client whose calls end with the signal of the payment that they are for. */
const openClient = async ({ secretKey, webhookSecret, apiBase }: StripeSettings) => {
  const { default: Stripe } = await import('stripe')
  const signals = new AsyncLocalStorage<AbortSignal>()
  const { protocol, hostname, port } = new URL(apiBase)
  const client = new Stripe(secretKey, {
    protocol: protocol === 'http:' ? 'http' : 'https',
    host: hostname,
    ...(port !== '' && { port }),
    telemetry: false,
    // The attempt is tried again, under the same key.
    maxNetworkRetries: 0,
    httpClient: Stripe.createFetchHttpClient((url, init) => {
      const signal = signals.getStore()
      return fetch(url, {
        ...init,
        signal: AbortSignal.any([init?.signal, signal].filter((some) => some !== null && some !== undefined)),
      })
    }),
  })
  return {
    call: <Result>(signal: AbortSignal, send: (stripe: StripeClient) => Promise<Result>) =>
      signals.run(signal, () => send(client)),
    readEvent: (body: Buffer, signature: string) => {
      try {
        return client.webhooks.constructEvent(body, signature, webhookSecret)
      } catch (error) {
        throw new ForgedNotice('the webhook is not signed by Stripe', { cause: error })
      }
    },
    /** Throws an error that is no answer about the payment. */
    declineOf: (error: unknown): Outcome => {
      if (error instanceof Stripe.errors.StripeCardError) {
        return { result: 'declined', reason: slug(error.decline_code ?? error.code) }
      }
      // What was sent cannot be charged: a token of nobody, an amount too small. It would be refused again.
      const isOurs = error instanceof Stripe.errors.StripeInvalidRequestError
      if (isOurs && error.statusCode !== undefined && [400, 404].includes(error.statusCode)) {
        return { result: 'declined', reason: slug(error.code ?? 'invalid_request') }
      }
      throw error
    },
  }
}

/** Payment intents that are captured by us, through the official SDK, which is loaded with the first payment. */
export const createStripeProvider = (settings: StripeSettings): PaymentProvider => {
  let opened: ReturnType<typeof openClient> | undefined
  const open = () => (opened ??= openClient(settings))

  /** Sends what changes an intent; where it is refused, the intent's own state decides. */
  const change = async (
    { key, signal }: ProviderRequest,
    authorization: string,
    wanted: Intent['status'],
    send: (stripe: StripeClient, options: { idempotencyKey: string }) => Promise<Intent>,
  ): Promise<Outcome> => {
    const { call, declineOf } = await open()
    try {
      const { id, status } = await call(signal, (stripe) => send(stripe, { idempotencyKey: key }))
      if (status === wanted) return { result: 'succeeded', reference: id }
      return { result: 'declined', reason: slug(`payment_${status}`) }
    } catch (error) {
      const decline = declineOf(error)
      const { id, status } = await call(signal, (stripe) => stripe.paymentIntents.retrieve(authorization))
      return status === wanted ? { result: 'succeeded', reference: id } : decline
    }
  }

  return {
    name: 'stripe',
    needsToken: false,
    capturesInParts: false,

    authorize: async ({ key, orderId, amountMinor, currency, token, signal }) => {
      const amount = toStripeAmount(amountMinor, currency)
      if (amount === null) return NOT_CHARGEABLE
      const { call, declineOf } = await open()
      const card = token?.startsWith('ctoken_')
        ? { confirmation_token: token }
        : { payment_method: token ?? '' }
      try {
        const intent = await call(signal, (stripe) =>
          stripe.paymentIntents.create(
            {
              amount,
              currency: currency.toLowerCase(),
              capture_method: 'manual',
              metadata: { order_id: orderId, attempt_id: key },
              ...(token === null
                ? { automatic_payment_methods: { enabled: true } }
                : {
                    ...card,
                    confirm: true,
                    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
                  }),
            },
            { idempotencyKey: key },
          ),
        )
        return authorizationOf(intent)
      } catch (error) {
        return declineOf(error)
      }
    },

    capture: async (request) => {
      const amount = toStripeAmount(request.amountMinor, request.currency)
      if (amount === null) return NOT_CHARGEABLE
      return change(request, request.authorization, 'succeeded', (stripe, options) =>
        stripe.paymentIntents.capture(request.authorization, { amount_to_capture: amount }, options),
      )
    },

    void: (request) =>
      change(request, request.authorization, 'canceled', (stripe, options) =>
        stripe.paymentIntents.cancel(request.authorization, {}, options),
      ),

    find: async ({ key, kind, reference, signal }) => {
      const { call } = await open()
      if (reference !== null && reference !== '') {
        const intent = await call(signal, (stripe) => stripe.paymentIntents.retrieve(reference))
        if (kind === 'authorize') return authorizationOf(intent)
        const wanted = kind === 'capture' ? 'succeeded' : 'canceled'
        return intent.status === wanted ? { result: 'succeeded', reference: intent.id } : null
      }
      // Found by search after a minute at most; until then the key keeps a repeat from authorizing twice.
      const { data } = await call(signal, (stripe) =>
        stripe.paymentIntents.search({ query: `metadata['attempt_id']:'${key}'`, limit: 1 }),
      )
      return data[0] ? authorizationOf(data[0]) : null
    },

    readNotice: async (body, signature) => {
      const { readEvent } = await open()
      const { id, type, data } = readEvent(body, signature)
      if (!type.startsWith('payment_intent.')) return null
      const intent = data.object as StripeClient.PaymentIntent
      return {
        eventId: id,
        type,
        means: MEANINGS.get(type) ?? 'other',
        attemptId: intent.metadata['attempt_id'] ?? null,
        orderId: intent.metadata['order_id'] ?? null,
        reference: intent.id,
      }
    },
  }
}
