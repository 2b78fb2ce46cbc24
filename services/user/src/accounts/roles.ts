export const permissions = [
  'catalog:write',
  'promotions:write',
  'stock:read',
  'stock:write',
  'orders:read',
  'orders:write',
  'users:read',
  'users:write',
  'analytics:read',
  'events:read',
  'webhooks:write',
  'notifications:read',
] as const

export type Permission = (typeof permissions)[number]

/** The one table of who may do what. Services check permissions, never roles. */
const roles = {
  customer: [],
  admin: permissions,
} as const satisfies Record<string, readonly Permission[]>

export type Role = keyof typeof roles

/** What an account may do by its roles; a role this version does not know grants nothing. */
export const permissionsOf = (names: readonly string[]): Permission[] => {
  const granted = new Set<Permission>(
    names.flatMap((name) => (Object.hasOwn(roles, name) ? [...roles[name as Role]] : [])),
  )
  return permissions.filter((permission) => granted.has(permission))
}
