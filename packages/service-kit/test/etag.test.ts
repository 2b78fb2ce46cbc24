import { gunzipSync } from 'node:zlib'
import { Type } from 'typebox'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { etagOf, Problem, requireMatch, type Server } from '../src/http.ts'
import { newServer } from './shop.ts'

let app: Server
let stock: number
beforeEach(() => {
  app = newServer({ privatePaths: ['/v1/orders/'] })
  stock = 5
  const Mug = Type.Object({ name: Type.String(), stock: Type.Integer() })
  const Long = Type.Object({ text: Type.String() })
  app.get('/v1/mugs/1', { schema: { operationId: 'getMug', response: { 200: Mug } } }, (_request, reply) => {
    void reply.header('etag', etagOf(3)).send({ name: 'Mug', stock })
  })
  app.patch('/v1/mugs/1', { schema: { operationId: 'changeMug', response: { 200: Mug } } }, (request) => {
    requireMatch(request, 3)
    return { name: 'Mug', stock }
  })
  app.get('/v1/cups/1', { schema: { operationId: 'getCup', response: { 200: Mug } } }, (_request, reply) => {
    void reply.header('etag', etagOf(3, 7)).send({ name: 'Cup', stock })
  })
  app.get('/v1/mugs', { schema: { operationId: 'listMugs', response: { 200: Mug } } }, () => ({
    name: 'All',
    stock,
  }))
  const querystring = Type.Object({ token: Type.Optional(Type.String()) })
  const orderSchema = { operationId: 'getOrder', querystring, response: { 200: Mug } }
  app.get('/v1/orders/:id', { schema: orderSchema }, ({ query }) => {
    if (query.token !== 'secret') throw new Problem('not-found', 'There is no such order.')
    return { name: 'Theirs', stock }
  })
  app.get('/v1/long', { schema: { operationId: 'getLong', response: { 200: Long } } }, () => ({
    text: 'long '.repeat(4_000),
  }))
  app.get('/v1/table', { schema: { operationId: 'getTable' } }, (_request, reply) =>
    reply.type('text/csv').send('a,b\n'.repeat(4_000)),
  )
})
afterEach(() => app.close())

const get = (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers })

describe('a read', () => {
  it.each(['/v1/mugs', '/v1/mugs/1'])(
    'of %s is 304 for a client that has that version already',
    async (url) => {
      const first = await get(url)
      const tag = String(first.headers.etag)
      const second = await get(url, { 'if-none-match': `"other", ${tag}` })
      expect(second).toMatchObject({ statusCode: 304, body: '' })
      expect(second.headers.etag).toBe(tag)
      const likeFetch = await get(url, { 'if-none-match': tag, 'cache-control': 'no-cache' })
      expect(likeFetch.statusCode).toBe(304)
      // Caches take it for the length of what they have (RFC 9110, 8.6).
      expect(second.headers).not.toHaveProperty('content-length')
    },
  )

  it.each(['/v1/mugs', '/v1/mugs/1'])(
    'of %s shows what changed, also where the version did not',
    async (url) => {
      const tag = String((await get(url)).headers.etag)
      stock = 4
      const second = await get(url, { 'if-none-match': tag })
      expect(second.statusCode).toBe(200)
      expect(second.json()).toMatchObject({ stock: 4 })
    },
  )

  it('accepts the tag of a read as If-Match of an edit, though the tag covers more than the version', async () => {
    const tag = String((await get('/v1/mugs/1')).headers.etag)
    stock = 4
    const patch = (ifMatch: string) =>
      app.inject({ method: 'PATCH', url: '/v1/mugs/1', headers: { 'if-match': ifMatch } })
    expect((await patch(tag)).statusCode).toBe(200)
    expect((await patch(etagOf(3))).statusCode).toBe(200)
    expect((await patch(tag.replace('"3', '"2'))).statusCode).toBe(412)
    expect((await patch('"3-')).statusCode).toBe(412)
  })

  it('has the tag of its revision where it has one, whatever its body is, and edits go by the version in it', async () => {
    const { headers } = await get('/v1/cups/1')
    expect(headers.etag).toBe('"3-7"')
    expect((await get('/v1/cups/1', { 'if-none-match': '"3-7"' })).statusCode).toBe(304)
    expect((await get('/v1/cups/1', { 'if-none-match': '"3-6"' })).statusCode).toBe(200)
    const request = { headers: { 'if-match': '"3-6"' } }
    expect(() => requireMatch(request as never, 3)).not.toThrow()
  })

  it('lets caches keep a read only if they revalidate it, and no shared cache one below a private path', async () => {
    expect((await get('/v1/mugs')).headers['cache-control']).toBe('no-cache')
    expect((await get('/v1/orders/1?token=secret')).headers['cache-control']).toBe('private, no-cache')
  })

  it('lets no cache keep a problem: another caller may be allowed, or the resource may appear', async () => {
    expect((await get('/v1/orders/2')).headers['cache-control']).toBe('no-store')
    expect((await get('/v1/nothing')).headers['cache-control']).toBe('no-store')
  })

  it('of what is not there has no tag', async () => {
    const missing = await get('/v1/nothing', { 'if-none-match': '*' })
    expect(missing.statusCode).toBe(404)
    expect(missing.headers).not.toHaveProperty('etag')
  })
})

describe('a long answer', () => {
  it('is compressed for those who take it so', async () => {
    const plain = await get('/v1/long')
    expect(plain.headers).not.toHaveProperty('content-encoding')
    const packed = await get('/v1/long', { 'accept-encoding': 'gzip, deflate, br' })
    expect(packed.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept-encoding' })
    expect(packed.rawPayload.length).toBeLessThan(1_000)
    expect(gunzipSync(packed.rawPayload).toString()).toBe(plain.body)
    expect(packed.headers.etag).toBe(plain.headers.etag)
  })

  it('is left as it is where it is short, or is no JSON', async () => {
    const headers = { 'accept-encoding': 'gzip' }
    expect((await get('/v1/mugs', headers)).headers).not.toHaveProperty('content-encoding')
    expect((await get('/v1/table', headers)).headers).not.toHaveProperty('content-encoding')
  })

  it('cannot be a bomb on its way in: nothing is unpacked here', async () => {
    const packed = await app.inject({
      method: 'PATCH',
      url: '/v1/mugs/1',
      headers: { 'content-encoding': 'gzip', 'content-type': 'application/json', 'if-match': '"3"' },
      payload: Buffer.from([0x1f, 0x8b, 0, 0]),
    })
    expect(packed.statusCode).toBe(415)
  })
})
