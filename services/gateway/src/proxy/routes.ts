export type ServiceName = 'user' | 'catalog' | 'inventory' | 'order' | 'analytics' | 'notification'

export interface Route {
  /** A path and everything below it; `:name` stands for one segment. The most specific pattern wins. */
  path: string
  service: ServiceName
  /** Takes credentials, so guessing must be slow: the stricter limit. */
  credentials?: true
  /** The same for these methods of the path itself, which take the password once more. */
  confirmed?: readonly ('PATCH' | 'DELETE')[]
  /** Payment providers call it and sign what they send: a limit of its own, which is higher. */
  webhooks?: true
  /** Bodies of any size and responses of any duration, passed on as they arrive. */
  streams?: true
  /** In place of UPSTREAM_TIMEOUT_MS: how long the response may take to begin, and then each part of it. */
  timeoutMs?: number
}

/** Every path that can be reached through the gateway. */
export const routes: readonly Route[] = [
  { path: '/.well-known/jwks.json', service: 'user', timeoutMs: 5_000 },
  { path: '/v1/auth', service: 'user', credentials: true },
  { path: '/v1/me', service: 'user', confirmed: ['PATCH', 'DELETE'] },
  { path: '/v1/me/password', service: 'user', credentials: true },
  { path: '/v1/me/export', service: 'user', streams: true },
  { path: '/v1/erasures', service: 'user' },
  { path: '/v1/users', service: 'user' },
  { path: '/v1/api-keys', service: 'user' },

  { path: '/v1/categories', service: 'catalog' },
  { path: '/v1/products', service: 'catalog' },
  { path: '/v1/product-imports', service: 'catalog' },
  { path: '/v1/products/import', service: 'catalog', streams: true },
  { path: '/v1/products/export', service: 'catalog', streams: true },
  { path: '/v1/products/:id/recommendations', service: 'analytics' },
  { path: '/v1/variants', service: 'catalog' },
  { path: '/v1/promotions', service: 'catalog' },
  { path: '/v1/shop', service: 'catalog' },

  { path: '/v1/stock', service: 'inventory' },
  { path: '/v1/stock/import', service: 'inventory', streams: true },
  { path: '/v1/locations', service: 'inventory' },
  { path: '/v1/transfers', service: 'inventory' },
  { path: '/v1/suppliers', service: 'inventory' },
  { path: '/v1/purchase-orders', service: 'inventory' },
  { path: '/v1/reservations', service: 'inventory' },
  { path: '/v1/inventory', service: 'inventory' },
  { path: '/v1/inventory/reports', service: 'inventory', streams: true },

  { path: '/v1/carts', service: 'order' },
  { path: '/v1/me/cart', service: 'order' },
  { path: '/v1/shipping-methods', service: 'order' },
  { path: '/v1/shipping-zones', service: 'order' },
  { path: '/v1/tax-rates', service: 'order' },
  { path: '/v1/orders', service: 'order' },
  // Whoever tries cards out does so here: counted as guessing.
  { path: '/v1/orders/:id/payments', service: 'order', credentials: true },
  { path: '/v1/orders/import', service: 'order', streams: true },
  { path: '/v1/orders/:id/stream', service: 'order', streams: true },
  { path: '/v1/payments', service: 'order' },
  { path: '/v1/payments/webhooks', service: 'order', webhooks: true },
  { path: '/v1/shipments', service: 'order' },
  { path: '/v1/returns', service: 'order' },
  { path: '/v1/support', service: 'order' },

  { path: '/v1/analytics', service: 'analytics', timeoutMs: 60_000 },
  { path: '/v1/track', service: 'analytics', timeoutMs: 5_000 },
  { path: '/v1/webhooks', service: 'notification' },
  { path: '/v1/events', service: 'notification' },
  { path: '/v1/notifications', service: 'notification' },
]

const segments = (path: string) => path.split('/').slice(1)
const isParameter = (segment: string) => segment.startsWith(':') || segment.startsWith('{')

const covers = (pattern: readonly string[], path: readonly string[]) =>
  pattern.length <= path.length &&
  pattern.every((segment, index) => isParameter(segment) || segment === path[index])

/** Literal segments count more than parameters, from the left, and longer patterns more than shorter ones. */
const specificity = (pattern: readonly string[]) =>
  pattern.map((segment) => (isParameter(segment) ? '1' : '2')).join('')

/** The route that a path, or a path template like `/v1/orders/{id}`, belongs to. */
export const routeFor = (path: string): Route | undefined =>
  routes
    .filter((route) => covers(segments(route.path), segments(path)))
    .sort((a, b) => (specificity(segments(a.path)) < specificity(segments(b.path)) ? 1 : -1))[0]
