import { expect, it } from 'vitest'
import { routeFor } from './routes.ts'

it.each([
  ['/v1/me', 'user'],
  ['/v1/me/addresses/{id}', 'user'],
  ['/v1/me/cart', 'order'],
  ['/v1/products', 'catalog'],
  ['/v1/products/{idOrSlug}', 'catalog'],
  ['/v1/products/{id}/publish', 'catalog'],
  ['/v1/products/{id}/recommendations', 'analytics'],
  ['/v1/orders/{id}/timeline', 'order'],
  ['/.well-known/jwks.json', 'user'],
])('routes %s to the %s service', (path, service) => {
  expect(routeFor(path)?.service).toBe(service)
})

it.each(['/', '/internal/variants', '/metrics', '/live', '/v1', '/v1/productsandmore', '/v2/products'])(
  'routes %s to no service',
  (path) => {
    expect(routeFor(path)).toBeUndefined()
  },
)

it('streams imports and live status only', () => {
  expect(routeFor('/v1/products/import')?.streams).toBe(true)
  expect(routeFor('/v1/orders/{id}/stream')?.streams).toBe(true)
  expect(routeFor('/v1/orders')?.streams).toBeUndefined()
})
