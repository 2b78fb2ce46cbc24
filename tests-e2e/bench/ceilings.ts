import { randomUUID } from 'node:crypto'
import { OrderPlaced } from '@storewright/contracts'
import { connect } from '@storewright/database'
import { connectBroker, createTopology } from '@storewright/messaging'
import { sql } from 'kysely'
import { pino } from 'pino'
import { drive, type Result } from './drive.ts'

const PAYLOAD = 'x'.repeat(200)

/** Durable commits of one row each, straight to the database server that the shop uses. */
export const databaseCommits = async (url: string, seconds: number): Promise<Result[]> => {
  const results: Result[] = []
  const schema = new URL(url).pathname.slice(1)
  const setUp = connect<unknown>(url, { poolSize: 1 })
  await sql`create table bench_commits (id bigint auto_increment primary key, payload varchar(200))`.execute(
    setUp,
  )
  try {
    for (const workers of [1, 16, 64]) {
      const db = connect<unknown>(url, { poolSize: workers })
      const scenario = `database commits, ${workers} connections`
      results.push(
        await drive({ scenario, unit: 'commits', workers, seconds }, async () => {
          await sql`insert into bench_commits (payload) values (${PAYLOAD})`.execute(db)
        }),
      )
      await db.destroy()
    }
  } finally {
    await sql`drop table ${sql.id(schema, 'bench_commits')}`.execute(setUp)
    await setUp.destroy()
  }
  return results
}

/** Persistent publishes to a quorum queue, each with its confirm, straight to the broker that the shop uses. */
export const confirmedPublishes = async (url: string, seconds: number): Promise<Result[]> => {
  const queue = 'bench.raw-events'
  const broker = connectBroker({
    url,
    name: 'bench',
    logger: pino({ level: 'silent' }),
    topology: createTopology({ groups: { [queue]: [OrderPlaced] } }),
  })
  const publisher = broker.createPublisher()
  const results: Result[] = []
  try {
    await publisher.ready(AbortSignal.timeout(10_000))
    for (const workers of [1, 50, 200]) {
      const scenario = `confirmed publishes, ${workers} in flight`
      results.push(
        await drive({ scenario, unit: 'publishes', workers, seconds }, async () => {
          const outcome = await publisher.publish({
            exchange: '',
            routingKey: queue,
            body: Buffer.from(PAYLOAD),
            properties: { messageId: randomUUID(), deliveryMode: 2 },
          })
          if (outcome.kind !== 'confirmed') throw new Error(outcome.kind)
        }),
      )
    }
  } finally {
    await publisher.close()
    await broker.stop()
  }
  return results
}
