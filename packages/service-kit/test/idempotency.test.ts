import { idempotencyMigrations, newId } from '@storewright/database'
import { scratchDatabase, type ScratchDatabase } from '@storewright/testing'
import { Type } from 'typebox'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import {
  IdempotencyHeaders,
  OptionalIdempotencyHeaders,
  Problem,
  withIdempotency,
  type IdempotentCall,
  type Server,
} from '../src/http.ts'
import { newServer } from './shop.ts'

let scratch: ScratchDatabase<unknown>
let app: Server
let works = 0
beforeAll(async () => {
  scratch = await scratchDatabase(idempotencyMigrations, { name: 'idempotency', poolSize: 5 })
  app = newServer()
  const body = Type.Object({ size: Type.Integer() })

  const make = async (call: IdempotentCall, status = 201) => {
    const { resourceId, made, replayed } = await withIdempotency(scratch.db, call, async () => {
      works += 1
      if (status === 500) throw new Problem('conflict', 'Not now.')
      return { status, resourceId: `thing-${works}`, made: { secret: works } }
    })
    return { id: resourceId, secret: made?.secret ?? null, replayed }
  }
  app.post(
    '/v1/things',
    { schema: { operationId: 'makeThing', headers: OptionalIdempotencyHeaders, body } },
    (request, reply) => make({ request, reply, scope: `makeThing|${String(request.headers['x-caller'])}` }),
  )
  app.post(
    '/v1/carts',
    { schema: { operationId: 'makeCart', headers: OptionalIdempotencyHeaders, body } },
    (request, reply) => make({ request, reply, scope: null }),
  )
  app.post(
    '/v1/orders/:id/refunds',
    {
      onRequest: async (request) => {
        if (request.headers['x-caller'] === 'guest') throw new Problem('forbidden', 'Not for guests.')
      },
      schema: {
        operationId: 'refund',
        params: Type.Object({ id: Type.String() }),
        headers: IdempotencyHeaders,
        body,
      },
    },
    (request, reply) =>
      make({ request, reply, scope: 'refund|me', body: { ...request.params, ...request.body } }, 202),
  )
  app.post(
    '/v1/failures',
    { schema: { operationId: 'fail', headers: IdempotencyHeaders, body } },
    (request, reply) => make({ request, reply, scope: 'fail|me' }, works === 0 ? 500 : 201),
  )
})
beforeEach(() => void (works = 0))
afterAll(async () => {
  await app.close()
  await scratch.drop()
})

const post = async (
  url: string,
  { key, caller = 'ann', size = 1 }: { key?: string; caller?: string; size?: number },
) => {
  const response = await app.inject({
    method: 'POST',
    url,
    headers: { 'x-caller': caller, ...(key === undefined ? {} : { 'idempotency-key': key }) },
    body: { size },
  })
  return {
    status: response.statusCode,
    replayed: response.headers['idempotency-replayed'],
    body: response.json<Record<string, unknown>>(),
  }
}

it('repeats the status and the resource of the first request, and what only that one made is gone', async () => {
  const key = newId()
  expect(await post('/v1/things', { key })).toMatchObject({
    status: 201,
    replayed: undefined,
    body: { id: 'thing-1', secret: 1, replayed: false },
  })
  expect(await post('/v1/things', { key })).toMatchObject({
    status: 201,
    replayed: 'true',
    body: { id: 'thing-1', secret: null, replayed: true },
  })
  expect(works).toBe(1)
})

it('does the work each time without a key, where the route allows that', async () => {
  await post('/v1/things', {})
  expect(await post('/v1/things', {})).toMatchObject({ replayed: undefined, body: { id: 'thing-2' } })
})

it('refuses a request without a key where the route needs one, after the guards of the route', async () => {
  expect(await post('/v1/orders/1/refunds', {})).toMatchObject({
    status: 400,
    body: { type: 'urn:storewright:problem:idempotency-key-required', errors: [{ path: 'idempotency-key' }] },
  })
  expect(await post('/v1/orders/1/refunds', { caller: 'guest' })).toMatchObject({ status: 403 })
  expect(works).toBe(0)
})

it('ignores the key of callers that cannot be distinguished', async () => {
  const key = newId()
  await post('/v1/carts', { key })
  expect(await post('/v1/carts', { key })).toMatchObject({ replayed: undefined, body: { id: 'thing-2' } })
})

it('keeps the keys of different callers apart', async () => {
  const key = newId()
  await post('/v1/things', { key })
  expect(await post('/v1/things', { key, caller: 'bob', size: 2 })).toMatchObject({ body: { id: 'thing-2' } })
})

it('refuses the key for another body, or for another resource where the route adds its parameters', async () => {
  const key = newId()
  expect(await post('/v1/orders/1/refunds', { key })).toMatchObject({ status: 202, replayed: undefined })
  expect(await post('/v1/orders/1/refunds', { key })).toMatchObject({ status: 202, replayed: 'true' })
  for (const call of [
    post('/v1/orders/1/refunds', { key, size: 2 }),
    post('/v1/orders/2/refunds', { key }),
  ]) {
    expect(await call).toMatchObject({
      status: 422,
      body: { type: 'urn:storewright:problem:idempotency-mismatch' },
    })
  }
  expect(works).toBe(1)
})

it('does the work again after a first request that was refused', async () => {
  const key = newId()
  expect(await post('/v1/failures', { key })).toMatchObject({ status: 409 })
  expect(await post('/v1/failures', { key })).toMatchObject({ status: 201, replayed: undefined })
})

it('does the work once for ten requests at once', async () => {
  const key = newId()
  const responses = await Promise.all(Array.from({ length: 10 }, () => post('/v1/things', { key })))
  expect(works).toBe(1)
  expect(responses.filter(({ replayed }) => replayed === undefined)).toHaveLength(1)
  expect(new Set(responses.map(({ body }) => body['id']))).toEqual(new Set(['thing-1']))
})
