import { consumerGroups, contracts } from '@storewright/contracts'
import { consumedWithin, countEvents } from '@storewright/messaging/invariants'
import { serviceOf } from '../config.ts'
import { addBreach, newCheck, type Check } from './check.ts'
import { listSchemas, type Schemas } from './snapshot.ts'

const AT_REST_SECONDS = 60

type Kind = 'emitted' | 'applied' | 'dead' | 'dropped'

/** One event type on its way to one group: how many were emitted, and what the group did with them. */
export type Flow = { type: string; group: string } & Record<Kind, number>

const readCounts = async (db: Parameters<typeof countEvents>[0]) => {
  const totals = new Map(
    (await countEvents(db)).map(({ kind, group, type, total }) => [
      `${kind} ${group} ${type}`,
      Number(total),
    ]),
  )
  return (kind: Kind, group: string, type: string) => totals.get(`${kind} ${group} ${type}`) ?? 0
}

/** Every event type with every group that consumes it. */
export const readFlows = async (schemas: Schemas): Promise<Flow[]> => {
  const counts = new Map<string, Awaited<ReturnType<typeof readCounts>>>()
  for (const [service, db] of listSchemas(schemas)) counts.set(service, await readCounts(db))

  return Object.entries(consumerGroups).flatMap(([group, consumed]) =>
    consumed.flatMap(({ type }) => {
      const ofOwner = counts.get(contracts.get(type)?.owner ?? '')
      const ofConsumer = counts.get(serviceOf(group))
      if (!ofOwner || !ofConsumer) return []
      return {
        type,
        group,
        emitted: ofOwner('emitted', group, type),
        applied: ofConsumer('applied', group, type),
        dead: ofConsumer('dead', group, type),
        dropped: ofConsumer('dropped', group, type),
      }
    }),
  )
}

export const isBalanced = ({ emitted, applied, dead, dropped }: Flow) => emitted === applied + dead + dropped

/** Invariant 6, between services: emitted = applied + dead-lettered + dropped, per type and group. `waiting` returns
 * how many messages a group's queues hold; without it (no broker) a difference may still be on its way. */
export const checkFlows = async (
  schemas: Schemas,
  { settled, waiting }: { settled: boolean; waiting?: (group: string) => Promise<number> },
): Promise<Check> => {
  const check = newCheck(6, 'emitted = applied + dead-lettered + dropped')
  const consumers = new Map<string, Parameters<typeof consumedWithin>[0]>(listSchemas(schemas))

  const isAtRest = async (group: string) => {
    const consumer = consumers.get(serviceOf(group))
    if (!consumer || !waiting || (await consumedWithin(consumer, group, AT_REST_SECONDS))) return false
    return (await waiting(group)) === 0
  }

  for (const flow of await readFlows(schemas)) {
    const { type, group, emitted, applied, dead, dropped } = flow
    check.checked += emitted
    if (isBalanced(flow)) continue
    if (settled || (await isAtRest(group)))
      addBreach(
        check,
        `${type} → ${group}: ${emitted} emitted, ${applied} applied, ${dead} dead, ${dropped} dropped`,
      )
    else check.pending += 1
  }
  return check
}
