import type { FastifyRequest } from 'fastify'
import type { Asker } from './order-access.ts'

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined)

/** Who asks, from the request: account, `X-Order-Token`, or `?token=` where the route takes it. */
export const askerOf = ({ auth, headers, query }: FastifyRequest): Asker => ({
  auth,
  orderToken:
    text(headers['x-order-token']) ??
    (typeof query === 'object' && query !== null ? text(Reflect.get(query, 'token')) : undefined),
})
