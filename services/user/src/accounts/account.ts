import { Type, type Static } from 'typebox'

/** An account as its owner and staff see it. */
export const User = Type.Object(
  {
    id: Type.String(),
    email: Type.String(),
    name: Type.Union([Type.String(), Type.Null()]),
    roles: Type.Array(Type.String()),
    createdAt: Type.String({ format: 'date-time' }),
  },
  {
    description: 'An account',
    examples: [
      {
        id: '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a69',
        email: 'ada@example.com',
        name: 'Ada',
        roles: ['customer'],
        createdAt: '2026-01-31T09:30:00.000Z',
      },
    ],
  },
)
export type User = Static<typeof User>

export interface AccountRow {
  id: string
  email: string
  name: string | null
  createdAt: Date
  /** Comma-separated, as `group_concat` writes them. */
  roles: string | null
}

/** The stored account in its public form. */
export const describeUser = ({ id, email, name, createdAt, roles }: AccountRow): User => ({
  id,
  email,
  name,
  roles: roles ? roles.split(',') : [],
  createdAt: createdAt.toISOString(),
})
