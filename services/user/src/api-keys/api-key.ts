import { timingSafeEqual } from 'node:crypto'
import { Timestamp, Uuid } from '@storewright/contracts'
import { Problem } from '@storewright/service-kit/http'
import { Type, type Static } from 'typebox'
import { type Permission, permissions, permissionsOf } from '../accounts/roles.ts'
import { hashSecret, newSecret } from '../secrets.ts'

/** A machine does not make machines: what a key may do ends with the key. */
export const keyPermissions = permissions.filter((permission) => permission !== 'api-keys:write')

const DAY_MS = 86_400_000
export const DEFAULT_LIFE_DAYS = 365
export const MAX_LIFE_DAYS = 730

export const ApiKey = Type.Object(
  {
    id: Uuid,
    name: Type.String({ maxLength: 100 }),
    prefix: Type.String({ maxLength: 40, description: 'how the key begins, which is no secret' }),
    permissions: Type.Array(Type.String({ maxLength: 40 }), {
      maxItems: 50,
      description: 'in effect only as far as whoever made the key has them too',
    }),
    createdBy: Uuid,
    createdAt: Timestamp,
    expiresAt: Timestamp,
    lastUsedAt: Type.Union([Timestamp, Type.Null()], { description: 'to within some minutes' }),
    revokedAt: Type.Union([Timestamp, Type.Null()]),
  },
  {
    title: 'ApiKey',
    description: 'A key of a machine, without its secret',
    examples: [
      {
        id: '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a69',
        name: 'Warehouse',
        prefix: 'sw_01990a3c8f5e7cc29a330d1f3c4b5a69',
        permissions: ['stock:read', 'stock:write'],
        createdBy: '01990a3b-1111-7cc2-9a33-0d1f3c4b5a69',
        createdAt: '2026-01-31T09:30:00.000Z',
        expiresAt: '2027-01-31T09:30:00.000Z',
        lastUsedAt: null,
        revokedAt: null,
      },
    ],
  },
)
export type ApiKey = Static<typeof ApiKey>

const prefixOf = (id: string) => `sw_${id.replaceAll('-', '')}`

/** The key as its machine sends it: a secret behind the id, shown once and kept as its hashSecret. */
export const generateKey = (id: string) => `${prefixOf(id)}_${newSecret()}`

const KEY = /^sw_([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})_[\w-]{43}$/

/** The id within a key; undefined where it has not the form of one. */
export const keyIdOf = (key: string): string | undefined => KEY.exec(key)?.slice(1).join('-')

/** Takes the same time wherever the two differ; hashed again, since only equal lengths can be compared so. */
export const hashesEqual = (hash: string, other: string) =>
  timingSafeEqual(Buffer.from(hashSecret(hash)), Buffer.from(hashSecret(other)))

/** When a key ends: as asked for, within bounds. */
export const parseExpiry = (asked: string | undefined, now: Date): Date => {
  const at = asked === undefined ? now.getTime() + DEFAULT_LIFE_DAYS * DAY_MS : Date.parse(asked)
  const latest = now.getTime() + MAX_LIFE_DAYS * DAY_MS
  if (at > now.getTime() && at <= latest) return new Date(at)
  const message = `is a time within the next ${MAX_LIFE_DAYS} days`
  throw new Problem('unprocessable', 'A key must end, and not have ended already.', {
    errors: [{ path: 'expiresAt', message }],
  })
}

/** What whoever made a key may do now: nothing while their account is not active. */
export const creatorPermissions = (creator: { creatorStatus: string; creatorRoles: string | null }) =>
  creator.creatorStatus === 'active' ? permissionsOf(creator.creatorRoles?.split(',') ?? []) : []

/** What a key may do now: as much of its own as whoever made it still has. */
export const effectivePermissions = (own: readonly string[], held: readonly Permission[]): string[] =>
  held.filter((permission) => own.includes(permission))

export interface KeyRow {
  id: string
  name: string
  permissions: string[]
  createdBy: string
  createdAt: Date
  expiresAt: Date
  lastUsedAt: Date | null
  revokedAt: Date | null
}

export const describeKey = (row: KeyRow): ApiKey => ({
  id: row.id,
  name: row.name,
  prefix: prefixOf(row.id),
  permissions: row.permissions,
  createdBy: row.createdBy,
  createdAt: row.createdAt.toISOString(),
  expiresAt: row.expiresAt.toISOString(),
  lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  revokedAt: row.revokedAt?.toISOString() ?? null,
})
