import { consumerGroups, Timestamp, UserErased, type EventContract } from '@storewright/contracts'
import { Type, type Static } from 'typebox'

/** The services that hold something about people, by who hears that one is to be forgotten; this one beside. */
export const otherHolders: readonly string[] = Object.entries<readonly EventContract[]>(consumerGroups)
  .filter(([, heard]) => heard.some(({ type }) => type === UserErased.type))
  .map(([group]) => group.split('.')[0] ?? group)
  .sort()

const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) =>
  Type.Union([type, Type.Null()])

const Receipt = Type.Object({
  service: Type.String({ maxLength: 40, examples: ['order'] }),
  status: Type.Enum(['pending', 'erased']),
  records: orNull(
    Type.Integer({ minimum: 0, maximum: 4_294_967_295, description: 'that the person was taken out of' }),
  ),
  at: orNull(Timestamp),
})

const example = {
  id: '0b1d5c5e-6a57-4f0e-9d8b-0c5a3f1e2d4c',
  status: 'running' as const,
  requestedAt: '2026-01-31T09:30:00.000Z',
  completedAt: null,
  receipts: [
    { service: 'order', status: 'pending' as const, records: null, at: null },
    { service: 'user', status: 'erased' as const, records: 14, at: '2026-01-31T09:30:00.000Z' },
  ],
}

/** How far the erasure of a person is. Nothing in it tells who it was. */
export const Erasure = Type.Object(
  {
    id: Type.String({ format: 'uuid', maxLength: 36, description: 'a secret: whoever has it may ask' }),
    status: Type.Enum(['running', 'completed']),
    requestedAt: Timestamp,
    completedAt: orNull(Timestamp),
    receipts: Type.Array(Receipt, { maxItems: 20, description: 'one for each service that held something' }),
  },
  { description: 'How far it is; nothing in it tells who it was', examples: [example] },
)
export type Erasure = Static<typeof Erasure>

export interface ErasureRow {
  id: string
  requestedAt: Date
  completedAt: Date | null
  receipts: { service: string; records: number | null; erasedAt: Date | null }[]
}

/** The erasure in its public form. */
export const describeErasure = ({ id, requestedAt, completedAt, receipts }: ErasureRow): Erasure => ({
  id,
  status: completedAt === null ? 'running' : 'completed',
  requestedAt: requestedAt.toISOString(),
  completedAt: completedAt?.toISOString() ?? null,
  receipts: receipts.map(({ service, records, erasedAt }) => ({
    service,
    status: erasedAt === null ? 'pending' : 'erased',
    records,
    at: erasedAt?.toISOString() ?? null,
  })),
})
