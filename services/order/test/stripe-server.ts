import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Stripe } from 'stripe'

interface Intent {
  id: string
  object: 'payment_intent'
  amount: number
  currency: string
  capture_method: string
  status: string
  client_secret: string
  metadata: Record<string, string>
  amount_received: number
}
interface Answer {
  status: number
  body: object
}

const refusal = (status: number, error: Record<string, unknown>): Answer => ({ status, body: { error } })
const declined = (intent: Intent) =>
  refusal(402, {
    type: 'card_error',
    code: 'card_declined',
    decline_code: 'insufficient_funds',
    message: 'Your card has insufficient funds.',
    payment_intent: intent,
  })
const wrongState = (intent: Intent) =>
  refusal(400, {
    type: 'invalid_request_error',
    code: 'payment_intent_unexpected_state',
    message: `This PaymentIntent has a status of ${intent.status}.`,
    payment_intent: intent,
  })

/** By the payment method's name, as with Stripe's own test cards: what confirming with it leads to. */
const STATUS_OF: ReadonlyMap<string, string> = new Map([
  ['pm_card_visa', 'requires_capture'],
  ['pm_card_threeDSecure2Required', 'requires_action'],
  ['pm_card_visa_chargeDeclinedInsufficientFunds', 'requires_payment_method'],
])

/** Speaks the part of Stripe's wire format that the service uses: form-encoded requests, idempotency keys, errors. */
export const startStripeServer = async ({ webhookSecret }: { webhookSecret: string }) => {
  const intents = new Map<string, Intent>()
  const answered = new Map<string, Answer>()
  const requests: { method: string; path: string; key: string | undefined; form: URLSearchParams }[] = []
  const faults = { loseAnswers: 0, hold: undefined as Promise<void> | undefined }

  const create = (form: URLSearchParams): Answer => {
    const id = `pi_${randomUUID().replaceAll('-', '')}`
    const card = form.get('payment_method') ?? form.get('confirmation_token')
    const known = card === null ? 'requires_payment_method' : STATUS_OF.get(card)
    if (known === undefined)
      return refusal(400, {
        type: 'invalid_request_error',
        code: 'resource_missing',
        message: 'No such card',
      })
    const metadata = Object.fromEntries(
      [...form].flatMap(([name, value]) => {
        const field = /^metadata\[(.+)\]$/.exec(name)?.[1]
        return field === undefined ? [] : [[field, value]]
      }),
    )
    const intent: Intent = {
      id,
      object: 'payment_intent',
      amount: Number(form.get('amount')),
      currency: form.get('currency') ?? '',
      capture_method: form.get('capture_method') ?? 'automatic',
      status: known,
      client_secret: `${id}_secret_${randomUUID()}`,
      metadata,
      amount_received: 0,
    }
    intents.set(id, intent)
    return card !== null && known === 'requires_payment_method'
      ? declined(intent)
      : { status: 200, body: intent }
  }

  const change = (intent: Intent, action: string, form: URLSearchParams): Answer => {
    const isCapture = action === 'capture'
    if (isCapture ? intent.status !== 'requires_capture' : ['canceled', 'succeeded'].includes(intent.status))
      return wrongState(intent)
    intent.status = isCapture ? 'succeeded' : 'canceled'
    if (isCapture) intent.amount_received = Number(form.get('amount_to_capture') ?? intent.amount)
    return { status: 200, body: intent }
  }

  const route = (method: string, url: URL, form: URLSearchParams): Answer => {
    const [, , , id = '', action = ''] = url.pathname.split('/')
    if (method === 'POST' && id === '') return create(form)
    if (id === 'search') {
      const attemptId = /'attempt_id'\]:'(.+)'/.exec(url.searchParams.get('query') ?? '')?.[1]
      const data = [...intents.values()].filter(({ metadata }) => metadata['attempt_id'] === attemptId)
      return { status: 200, body: { object: 'search_result', data, has_more: false, url: '/v1' } }
    }
    const intent = intents.get(id)
    if (!intent) return refusal(404, { type: 'invalid_request_error', code: 'resource_missing' })
    return method === 'POST' ? change(intent, action, form) : { status: 200, body: intent }
  }

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    let text = ''
    for await (const chunk of request) text += String(chunk)
    const { method = '', headers } = request
    const url = new URL(request.url ?? '', 'http://stripe')
    const form = new URLSearchParams(text)
    const key = headers['idempotency-key'] as string | undefined
    requests.push({ method, path: url.pathname, key, form })
    const result = (key !== undefined && answered.get(key)) || route(method, url, form)
    if (key !== undefined && method === 'POST') answered.set(key, result)
    if (method === 'POST' && faults.loseAnswers > 0) {
      faults.loseAnswers -= 1
      return void request.socket.destroy()
    }
    if (method === 'POST') await faults.hold
    const head = { 'content-type': 'application/json', 'request-id': `req_${randomUUID()}` }
    response.writeHead(result.status, head).end(JSON.stringify(result.body))
  }

  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  const findAll = (orderId: string) =>
    [...intents.values()].filter(({ metadata }) => metadata['order_id'] === orderId)
  const find = (orderId: string) => {
    const found = findAll(orderId)
    if (found.length !== 1) throw new Error(`${found.length} payment intents of order ${orderId}`)
    return found[0]!
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    faults,
    find,
    findAll,
    confirm: (orderId: string) => {
      find(orderId).status = 'requires_capture'
    },
    /** A webhook's body and its signature, as Stripe would send them now. */
    event: (
      type: string,
      intent: object,
      { id = `evt_${randomUUID()}`, secret = webhookSecret, at = Math.floor(Date.now() / 1_000) } = {},
    ) => {
      const payload = JSON.stringify({ id, object: 'event', type, data: { object: intent } }, null, 2)
      const signature = new Stripe('sk_test').webhooks.generateTestHeaderString({
        payload,
        secret,
        timestamp: at,
      })
      return { payload, signature }
    },
    stop: () => new Promise<void>((resolve) => void server.close(() => resolve()).closeAllConnections()),
  }
}
