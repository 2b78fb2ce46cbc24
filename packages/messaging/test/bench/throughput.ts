import { inTransaction } from '@storewright/database'
import { StockStatusChanged } from '@storewright/contracts'
import {
  connectBroker,
  createConsumer,
  createRelay,
  createTopology,
  messagingMigrations,
  on,
  onBatch,
} from '@storewright/messaging'
import { emit } from '@storewright/messaging/outbox'
import { eventually, scratchDatabase, scratchVhost } from '@storewright/testing'
import { sql, type Transaction } from 'kysely'
import pino from 'pino'

// How fast events are written, published and applied, on the servers of MYSQL_URL and RABBITMQ_URL.
interface Tables {
  effects: { sku: string; seen: number }
}

const EVENTS = Number(process.argv[2] ?? 20_000)
const PER_TRANSACTION = 50
const GROUP = 'bench.stock'

const logger = pino({ level: 'warn' })
const topology = createTopology({ groups: { [GROUP]: [StockStatusChanged] } })
const database = await scratchDatabase<Tables>(
  {
    ...messagingMigrations,
    '1-effects': {
      up: (db) =>
        sql`create table effects (sku varchar(64) not null primary key, seen int not null) engine = InnoDB`.execute(
          db,
        ),
    },
  },
  { name: 'bench', poolSize: 20 },
)
const vhost = await scratchVhost()
const { db } = database
const broker = connectBroker({ url: vhost.url, name: 'bench', logger, topology })
await eventually(() => broker.topologyDeclared)

const rate = async (what: string, work: () => Promise<void>) => {
  const began = performance.now()
  const cpuBefore = process.cpuUsage()
  await work()
  const seconds = (performance.now() - began) / 1000
  const { user, system } = process.cpuUsage(cpuBefore)
  process.stdout.write(
    `${what.padEnd(52)} ${Math.round(EVENTS / seconds).toLocaleString('en')} a second, ${Math.round((user + system) / EVENTS)} µs of this process each\n`,
  )
}

const write = () =>
  Promise.all(
    Array.from({ length: 8 }, async (_, writer) => {
      for (let done = writer * PER_TRANSACTION; done < EVENTS; done += 8 * PER_TRANSACTION)
        await inTransaction(db, async (trx) => {
          for (let index = done; index < Math.min(done + PER_TRANSACTION, EVENTS); index++)
            await emit(trx, StockStatusChanged, { sku: `SKU-${index}`, status: 'in_stock', available: 5 })
        })
    }),
  ).then(() => undefined)

const drained = async (query: string) =>
  eventually(
    async () => {
      const { rows } = await sql.raw<{ rest: number }>(query).execute(db)
      return Number(rows[0]?.rest) === 0
    },
    { within: 300_000, every: 10 },
  )
const relayed = () => drained('select exists(select 1 from outbox) as rest')
const consumed = (target: number) =>
  drained(`select coalesce(sum(count), 0) <> ${target} as rest from event_counters where kind = 'applied'`)

const record = (trx: Transaction<Tables>, skus: string[]) =>
  trx
    .insertInto('effects')
    .values(skus.map((sku) => ({ sku, seen: 1 })))
    .onDuplicateKeyUpdate({ seen: sql<number>`seen + 1` })
    .execute()

const relay = createRelay({ db, broker, service: 'inventory', logger })
const consumers = {
  'one handler call per event': on(StockStatusChanged, (trx: Transaction<Tables>, { data }) =>
    record(trx, [data.sku]),
  ),
  'one handler call per batch': onBatch(StockStatusChanged, (trx: Transaction<Tables>, events) =>
    record(
      trx,
      events.map(({ data }) => data.sku),
    ),
  ),
}

await rate(`written, ${PER_TRANSACTION} in a transaction`, write)
await rate('published and deleted by the relay', async () => {
  await relay.start()
  await relayed()
})
let applied = 0
for (const [how, subscription] of Object.entries(consumers)) {
  if (applied > 0) {
    await write()
    await relayed()
  }
  const consumer = createConsumer({
    db,
    broker,
    group: GROUP,
    subscriptions: [subscription],
    logger,
  })
  await rate(`applied, ${how}`, async () => {
    await consumer.start()
    await consumed((applied += EVENTS))
  })
  await consumer.stop()
}
const consumer = createConsumer({
  db,
  broker,
  group: GROUP,
  subscriptions: [consumers['one handler call per batch']],
  logger,
})
await consumer.start()
await rate('written, published and applied at the same time', async () => {
  await write()
  await consumed((applied += EVENTS))
})

const latencies: number[] = []
for (let round = 0; round < 200; round++) {
  const began = performance.now()
  await inTransaction(db, (trx) =>
    emit(trx, StockStatusChanged, { sku: 'LATENCY', status: 'in_stock', available: 5 }),
  )
  for (let seen = 0; seen <= round;) {
    const { rows } = await sql<{ seen: number }>`select seen from effects where sku = 'LATENCY'`.execute(db)
    seen = rows[0]?.seen ?? 0
  }
  latencies.push(performance.now() - began)
}
latencies.sort((a, b) => a - b)
process.stdout.write(
  `from before the commit to after the effect: p50 ${latencies[100]?.toFixed(1)} ms, p99 ${latencies[197]?.toFixed(1)} ms\n`,
)

await consumer.stop()
await relay.stop()
await broker.stop()
await Promise.all([database.drop(), vhost.drop()])
