import { expect, it } from 'vitest'
import { addResponseHeaders, forwardedHeaders } from './headers.ts'

const OF_A_CONNECTION = {
  connection: 'keep-alive, X-Hop',
  'x-hop': '1',
  'keep-alive': 'timeout=72',
  'transfer-encoding': 'chunked',
}
const ours = { requestId: 'r-1', address: '192.0.2.1', protocol: 'http' }

it('forwards the end-to-end headers of a request', () => {
  const headers = forwardedHeaders(
    { authorization: 'Bearer x', 'idempotency-key': 'k', 'x-order-token': 't', accept: '*/*' },
    ours,
  )
  expect(headers).toMatchObject({
    authorization: 'Bearer x',
    'idempotency-key': 'k',
    'x-order-token': 't',
    accept: '*/*',
  })
})

it('forwards no hop-by-hop header of a request', () => {
  const headers = forwardedHeaders(
    {
      ...OF_A_CONNECTION,
      te: 'trailers',
      upgrade: 'h2c',
      'content-length': '12',
      expect: '100-continue',
      'proxy-authorization': 'Basic x',
    },
    ours,
  )
  expect(Object.keys(headers).sort()).toEqual(['x-forwarded-for', 'x-forwarded-proto', 'x-request-id'])
})

it('replaces every header that claims an identity or an origin', () => {
  const headers = forwardedHeaders(
    {
      host: 'shop.example',
      'x-internal-token': 'guess',
      'x-user-id': 'somebody',
      'x-user-roles': 'admin',
      'x-forwarded-for': '10.0.0.1',
      'x-forwarded-host': 'evil.example',
      forwarded: 'for=10.0.0.1',
      'x-request-id': 'theirs',
    },
    ours,
  )
  expect(headers).toEqual({
    'x-request-id': 'r-1',
    'x-forwarded-for': '192.0.2.1',
    'x-forwarded-proto': 'http',
    'x-forwarded-host': 'shop.example',
  })
})

it('adds the headers of a response without its hop-by-hop ones and keeps cookies apart', () => {
  const headers = addResponseHeaders(
    {
      ...OF_A_CONNECTION,
      etag: '"3"',
      'set-cookie': ['a=1', 'b=2'],
    },
    { 'x-request-id': 'r-1' },
  )
  expect(headers).toEqual({ 'x-request-id': 'r-1', etag: '"3"', 'set-cookie': ['a=1', 'b=2'] })
})
