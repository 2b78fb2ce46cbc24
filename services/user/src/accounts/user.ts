import { Line } from '@storewright/contracts'
import { showEmail } from '@storewright/people/email'
import { Type, type Static } from 'typebox'

export const Email = Type.String({ minLength: 1, maxLength: 320, examples: ['ada@example.com'] })

/** A person's display name. */
export const Name = Line(200, { examples: ['Ada'] })

export const User = Type.Object(
  {
    id: Type.String({ maxLength: 36 }),
    email: Type.String({ maxLength: 254 }),
    emailVerified: Type.Boolean({ description: 'whether its mailbox was proved' }),
    pendingEmail: Type.Union([Type.String({ maxLength: 254 }), Type.Null()], {
      description: 'the address it will have once that mailbox was proved',
    }),
    name: Type.Union([Type.String({ maxLength: 200 }), Type.Null()]),
    roles: Type.Array(Type.String({ maxLength: 40 }), { maxItems: 20 }),
    status: Type.Union([Type.Literal('active'), Type.Literal('disabled'), Type.Literal('erased')], {
      title: 'AccountStatus',
    }),
    taxExempt: Type.Boolean({ description: 'whether orders of this account cost no tax' }),
    createdAt: Type.String({ format: 'date-time', maxLength: 30 }),
    version: Type.Integer({ minimum: 1, maximum: 4_294_967_295, description: 'the ETag' }),
  },
  {
    title: 'User',
    description: 'An account',
    examples: [
      {
        id: '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a69',
        email: 'ada@example.com',
        emailVerified: true,
        pendingEmail: null,
        name: 'Ada',
        roles: ['customer'],
        status: 'active',
        taxExempt: false,
        createdAt: '2026-01-31T09:30:00.000Z',
        version: 1,
      },
    ],
  },
)
export type User = Static<typeof User>

export interface AccountRow {
  id: string
  email: string
  emailVerifiedAt: Date | null
  pendingEmail: string | null
  name: string | null
  status: User['status']
  version: number
  taxExempt: number
  createdAt: Date
  /** Comma-separated, as `group_concat` writes them. */
  roles: string | null
}

export const describeUser = (row: AccountRow): User => ({
  id: row.id,
  email: showEmail(row.email),
  emailVerified: row.emailVerifiedAt !== null,
  pendingEmail: row.pendingEmail && showEmail(row.pendingEmail),
  name: row.name,
  roles: row.roles ? row.roles.split(',') : [],
  status: row.status,
  taxExempt: row.taxExempt === 1,
  createdAt: row.createdAt.toISOString(),
  version: row.version,
})
