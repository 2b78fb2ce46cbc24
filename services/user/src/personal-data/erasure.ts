import { consumerGroups, Timestamp, UserErased, type EventContract } from '@storewright/contracts'
import { Type, type Static } from 'typebox'
import type { ErasureRow } from './queries.ts'

/** The other services that hold personal data: those that consume UserErased. */
export const otherServices: readonly string[] = Object.entries<readonly EventContract[]>(consumerGroups)
  .filter(([, consumed]) => consumed.some(({ type }) => type === UserErased.type))
  .map(([group]) => group.split('.')[0] ?? group)
  .sort()

const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) =>
  Type.Union([type, Type.Null()])

const Receipt = Type.Object(
  {
    service: Type.String({ maxLength: 40, examples: ['order'] }),
    status: Type.Enum(['pending', 'erased']),
    records: orNull(
      Type.Integer({ minimum: 0, maximum: 4_294_967_295, description: 'that the person was taken out of' }),
    ),
    at: orNull(Timestamp),
  },
  { title: 'ErasureReceipt' },
)

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

/** The progress of an erasure. Nothing in it identifies the person. */
export const Erasure = Type.Object(
  {
    id: Type.String({ format: 'uuid', maxLength: 36, description: 'a secret: whoever has it may ask' }),
    status: Type.Enum(['running', 'completed'], { title: 'ErasureStatus' }),
    requestedAt: Timestamp,
    completedAt: orNull(Timestamp),
    receipts: Type.Array(Receipt, { maxItems: 20, description: 'one for each service that held something' }),
  },
  { title: 'Erasure', description: 'How far it is; nothing in it names the person', examples: [example] },
)
export type Erasure = Static<typeof Erasure>

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
