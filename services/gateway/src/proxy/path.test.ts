import { expect, it } from 'vitest'
import { isAmbiguousPath } from './path.ts'

it.each([
  '/',
  '/v1/products',
  '/v1/products/',
  '/v1/products/caf%C3%A9',
  '/v1/stock/A%2FB',
  '/v1/stock/A.B-1_2',
  '/v1/products/...',
  '/v1/products/a..b',
  '/.well-known/jwks.json',
])('accepts the unambiguous path %s', (path) => {
  expect(isAmbiguousPath(path)).toBe(false)
})

it.each([
  '/v1/products/../../internal/variants',
  '/v1/products/..',
  '/v1/./products',
  '/v1//products',
  '//internal/variants',
  '/v1/products/%2e%2e/%2e%2e/internal',
  '/v1/products/.%2E/internal',
  '/v1/products/..%2f..%2finternal',
  '/v1/products/x%2F..%2F..%2F..%2Finternal',
  '/v1/products/..\\..\\internal',
  '/v1/products/x\\..\\..\\..\\internal',
  '/v1/products/%5c..%5cinternal',
  '/v1/products/%00',
  '/v1/products/a%0d%0aset-cookie:x',
  '/v1/products/%',
  '/v1/products/%zz',
  '/v1/products/%c0%ae%c0%ae/internal',
])('refuses the ambiguous path %s', (path) => {
  expect(isAmbiguousPath(path)).toBe(true)
})
