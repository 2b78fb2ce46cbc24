import { inTransaction } from '@storewright/database'
import type { Envelope } from '@storewright/contracts'
import type { Kysely } from 'kysely'
import { addCounts } from '../counters.ts'
import type { Subscription } from '../subscriptions.ts'
import type { Inbox } from './inbox.ts'
import type { Delivery } from './delivery-buffer.ts'

export interface ReceivedEvent {
  readonly delivery: Delivery
  readonly envelope: Envelope
  readonly redriven: boolean
}

/** One transaction with inbox, counters and what handlers emit; per subscription in listed order, then in order of arrival. */
export const applyEvents = <DB>(
  {
    db,
    group,
    subscriptions,
    inbox,
  }: {
    db: Kysely<DB>
    group: string
    subscriptions: readonly Subscription<DB>[]
    inbox: Inbox
  },
  received: readonly ReceivedEvent[],
): Promise<{ applied: Envelope[]; duplicates: Envelope[] }> => {
  const once = new Map<string, ReceivedEvent>()
  for (const one of received) if (!once.has(one.envelope.id)) once.set(one.envelope.id, one)

  return inTransaction(db, async (trx) => {
    const { fresh, revived } = await inbox.claim(
      trx,
      group,
      [...once.values()].map(({ envelope: { id }, redriven }) => ({ id, redriven })),
    )
    const applied = [...once.values()].map(({ envelope }) => envelope).filter(({ id }) => fresh.has(id))
    const firsts = new Set(applied)
    const duplicates = received.map(({ envelope }) => envelope).filter((envelope) => !firsts.has(envelope))

    for (const { contract, replays, handle } of subscriptions) {
      const events = applied.filter(({ type, replay }) => type === contract.type && (replays || !replay))
      if (events.length > 0) await handle(trx, events)
    }
    await addCounts(trx, [
      ...applied.map(({ type }) => ({ kind: 'applied' as const, group, type, by: 1 })),
      ...applied
        .filter(({ id }) => revived.has(id))
        .map(({ type }) => ({ kind: 'dead' as const, group, type, by: -1 })),
      ...duplicates.map(({ type }) => ({ kind: 'duplicate' as const, group, type, by: 1 })),
    ])
    return { applied, duplicates }
  })
}
