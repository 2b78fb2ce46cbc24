import { OrderConfirmed } from '@storewright/contracts'
import { connect, migrate } from '@storewright/database'
import {
  connectBroker,
  createConsumer,
  createTopology,
  messagingMigrations,
  on,
} from '@storewright/messaging'
import { sql, type Kysely, type Transaction } from 'kysely'
import { pino } from 'pino'

const { DATABASE_URL = '', AMQP_URL = '' } = process.env
const group = 'takings.order-events'
const logger = pino()
const db = connect<unknown>(DATABASE_URL)

const createTakings = {
  up: (schema: Kysely<unknown>) =>
    sql`create table takings (
      day date, currency char(3), orders int, amount bigint, primary key (day, currency)
    )`.execute(schema),
}
await migrate({ db, migrations: { ...messagingMigrations, '0001-takings': createTakings }, name: 'takings' })

// Runs in the transaction that also remembers the event: however often it is delivered, it counts once.
const addToTakings = on(OrderConfirmed, (trx: Transaction<unknown>, { data: { confirmedAt, total } }) =>
  sql`insert into takings (day, currency, orders, amount)
    values (${confirmedAt.slice(0, 10)}, ${total.currency}, 1, ${total.amount})
    on duplicate key update orders = orders + 1, amount = amount + ${total.amount}`.execute(trx),
)

const topology = createTopology({ groups: { [group]: [OrderConfirmed] } })
const broker = connectBroker({ url: AMQP_URL, name: 'takings', logger, topology })
const consumer = createConsumer({ db, broker, group, subscriptions: [addToTakings], logger })
await consumer.start()

process.once('SIGTERM', () => void consumer.stop().then(() => Promise.all([broker.stop(), db.destroy()])))
