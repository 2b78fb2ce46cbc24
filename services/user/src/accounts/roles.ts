export const permissions = [
  'catalog:write',
  'promotions:write',
  'stock:read',
  'stock:write',
  'orders:read',
  'orders:write',
  'support',
  'users:read',
  'users:write',
  'api-keys:write',
  'settings:write',
  'analytics:read',
  'events:read',
  'webhooks:write',
  'notifications:read',
] as const

export type Permission = (typeof permissions)[number]

/** The one table of who may do what. Services check permissions, never roles. */
const roles = {
  customer: [],
  support: ['stock:read', 'orders:read', 'orders:write', 'support', 'users:read', 'notifications:read'],
  'catalog-manager': ['catalog:write', 'promotions:write', 'stock:read', 'analytics:read'],
  'inventory-manager': ['stock:read', 'stock:write', 'orders:read', 'analytics:read'],
  admin: permissions,
} as const satisfies Record<string, readonly Permission[]>

export type Role = keyof typeof roles

/** Their names, from the least to the most powerful. */
export const roleNames = Object.keys(roles) as Role[]

/** What an account may do by its roles; a role this version does not know grants nothing. */
export const permissionsOf = (names: readonly string[]): Permission[] => {
  const granted = new Set<Permission>(
    names.flatMap((name) => (Object.hasOwn(roles, name) ? [...roles[name as Role]] : [])),
  )
  return permissions.filter((permission) => granted.has(permission))
}

/** What is asked for beyond what is held: nobody gives to others, or takes from them, what is not their own. */
export const missingPermissions = (asked: readonly string[], held: readonly string[]): string[] =>
  asked.filter((permission) => !held.includes(permission))
