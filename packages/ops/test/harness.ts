import { randomBytes } from 'node:crypto'
import { consumerGroups, contracts } from '@storewright/contracts'
import { connect, newId } from '@storewright/database'
import { serversFromEnvironment } from '@storewright/testing'
import { sql } from 'kysely'
import { provisionAndMigrate } from '../src/migrate.ts'
import { SERVICES, serviceOf, type Service } from '../src/config.ts'

const PASSWORDS = Object.fromEntries(
  [...SERVICES, 'gateway', 'audit'].map((name) => [`${name.toUpperCase()}_DATABASE_PASSWORD`, 'scratch']),
)

/** The schemas of a whole shop, empty, with rights as in production. */
export const startSchemas = async () => {
  const adminUrl = serversFromEnvironment().mysqlUrl
  const prefix = `t${randomBytes(4).toString('hex')}_`
  const admin = connect<unknown>(adminUrl, { poolSize: 2 })
  const migrateAll = () => provisionAndMigrate({ adminUrl, prefix, env: PASSWORDS, databases: {} })
  const applied = await migrateAll()
  const auditUrl = new URL(adminUrl)
  auditUrl.username = `${prefix}audit`
  auditUrl.password = 'scratch'
  return {
    prefix,
    applied,
    migrateAll,
    adminUrl,
    auditUrl: auditUrl.href,
    env: PASSWORDS,
    /** Runs a statement in a service's schema with all rights; tables stand in it as `{table}`. */
    run: async (service: Service, statement: string) => {
      const text = statement.replaceAll(
        /\{(\w+)\}/g,
        (_, table: string) => `\`${prefix}${service}\`.\`${table}\``,
      )
      return sql.raw(text).execute(admin)
    },
    drop: async () => {
      for (const service of [...SERVICES, 'gateway']) {
        await sql`drop database ${sql.id(prefix + service)}`.execute(admin)
        await sql`drop user ${sql.lit(prefix + service)}`.execute(admin)
      }
      await sql`drop user ${sql.lit(`${prefix}audit`)}`.execute(admin)
      await admin.destroy()
    },
  }
}
export type Schemas = Awaited<ReturnType<typeof startSchemas>>

/** Somebody who was erased. */
export const ERASED_ID = '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a69'

/** The one product, a mug of three pounds, and what others copied of it and of its stock. */
const fillCatalog = async (run: Schemas['run']) => {
  const productId = newId()
  const long = 'utc_timestamp(6) - interval 1 hour'
  await run(
    'catalog',
    `insert into {products} (id, slug, name, description, status, attributes, media, version, created_at,
       updated_at) values ('${productId}', 'mug', 'Mug', '', 'published', '{}', '[]', 1, ${long}, ${long})`,
  )
  await run(
    'catalog',
    `insert into {variants} (sku, product_id, position, name, attributes, prices, deleted) values
       ('MUG', '${productId}', 0, 'Blue', '{}', '[{"amount":300,"currency":"GBP","compareAt":null,"lowestBefore":300}]', 0)`,
  )
  await run('catalog', `insert into {event_sequences} (subject, version) values ('${productId}', 3)`)
  await run('order', `insert into {offer_products} (product_id, version) values ('${productId}', 2)`)
  await run(
    'order',
    `insert into {offers} (sku, product_id, product_version, name, prices, on_sale)
     values ('MUG', '${productId}', 2, 'Mug, Blue', '{"GBP":300}', 1)`,
  )
  await run('inventory', `insert into {event_sequences} (subject, version) values ('MUG', 4)`)
  await run('catalog', `insert into {stock_statuses} (sku, status, version) values ('MUG', 'in_stock', 4)`)
  await run(
    'order',
    `insert into {stock_statuses} (sku, status, version, available) values ('MUG', 'in_stock', 4, 7)`,
  )
}

/** A rule for mugs, twelve of the twenty that it ordered, and an order of it that was cancelled. */
const fillRestocking = async (run: Schemas['run']) => {
  const [order, cancelled] = [newId(), newId()]
  const long = 'utc_timestamp(6) - interval 1 hour'
  await run(
    'inventory',
    `insert into {reorder_rules} (sku, location_id, policy, reorder_point, reorder_quantity, automatic, created_at,
       updated_at) values ('MUG', 1, 'fixed', 5, 20, 1, ${long}, ${long})`,
  )
  await run(
    'inventory',
    `insert into {purchase_orders} (id, status, automatic, created_at, updated_at)
     values ('${order}', 'partly_received', 1, ${long}, ${long}), ('${cancelled}', 'cancelled', 1, ${long}, ${long})`,
  )
  await run(
    'inventory',
    `insert into {purchase_order_lines} (order_id, sku, location_id, ordered, received, open_sku, automatic_sku)
     values ('${order}', 'MUG', 1, 20, 12, 'MUG', 'MUG'), ('${cancelled}', 'MUG', 1, 5, 0, null, null)`,
  )
}

/** A small shop in which everything is right: ten mugs on hand, three of them held by one confirmed order. */
export const fillShop = async ({ run }: Schemas) => {
  const orderId = newId()
  const cartId = newId()
  const long = 'utc_timestamp(6) - interval 1 hour'
  await run(
    'inventory',
    `insert into {stock} (sku, location_id, on_hand, reserved, reorder_point) values ('MUG', 1, 10, 3, 5)`,
  )
  await fillRestocking(run)
  await fillCatalog(run)
  await run(
    'inventory',
    `insert into {movements} (id, sku, location_id, kind, delta, balance, reason, reference, recorded_at)
     values ('${newId()}', 'MUG', 1, 'receipt', 12, 12, 'received', 'PO-100001', ${long}),
            ('${newId()}', 'MUG', 1, 'adjustment', -2, 10, 'broken', null, ${long})`,
  )
  await run(
    'inventory',
    `insert into {reservations} (order_id, state, created_at, updated_at)
     values ('${orderId}', 'confirmed', ${long}, ${long})`,
  )
  await run(
    'inventory',
    `insert into {reservation_lines} (order_id, sku, location_id, quantity, held, shipped)
     values ('${orderId}', 'MUG', 1, 3, 3, 0)`,
  )
  await run(
    'order',
    `insert into {orders} (id, cart_id, status, currency, shipping_address, shipping_method, subtotal_minor,
       total_minor, payment_status, payment_provider, authorized_minor, correlation_id, placed_at)
     values ('${orderId}', '${cartId}', 'confirmed', 'GBP', '{}', 'standard', 3000, 3000, 'authorized', 'sandbox',
       3000, 'c', ${long})`,
  )
  await run(
    'order',
    `insert into {carts} (id, currency, status, order_id, \`lines\`, codes, created_at, updated_at)
     values ('${cartId}', 'GBP', 'ordered', '${orderId}', '[]', '[]', ${long}, ${long})`,
  )
  await run(
    'order',
    `insert into {order_lines} (order_id, position, id, sku, name, quantity, unit_price_minor, total_minor)
     values ('${orderId}', 1, '${newId()}', 'MUG', 'Mug', 2, 1000, 2000),
            ('${orderId}', 2, '${newId()}', 'MUG', 'Mug', 1, 1000, 1000)`,
  )
  await run(
    'order',
    `insert into {payment_attempts} (id, order_id, kind, uniqueness_key, provider, amount_minor, currency, state,
       correlation_id, created_at)
     values ('${newId()}', '${orderId}', 'authorize', '${orderId}', 'sandbox', 3000, 'GBP', 'succeeded', 'c', ${long})`,
  )
  await run(
    'user',
    `insert into {users} (id, email, name, password_hash, created_at, status)
     values ('${ERASED_ID}', '${ERASED_ID}@erased.invalid', null, '', ${long}, 'erased')`,
  )
  const erasureId = newId()
  await run(
    'user',
    `insert into {erasures} (id, user_id, requested_by, requested_at, completed_at)
     values ('${erasureId}', '${ERASED_ID}', 'owner', ${long}, ${long})`,
  )
  await run(
    'user',
    `insert into {erasure_receipts} (erasure_id, service, records, erased_at)
     values ('${erasureId}', 'order', 1, ${long}), ('${erasureId}', 'notification', 0, ${long})`,
  )
  await run(
    'order',
    `insert into {erased_users} (user_id, erasure_id, erased_at, records)
     values ('${ERASED_ID}', '${erasureId}', ${long}, 1)`,
  )
  for (const [group, contractsOfGroup] of Object.entries(consumerGroups))
    for (const { type } of contractsOfGroup) {
      const owner = contracts.get(type)?.owner as Service
      const count = (kind: string, service: Service, number: number) =>
        run(
          service,
          `insert into {event_counters} (kind, consumer_group, type, shard, count)
           values ('${kind}', '${group}', '${type}', 0, ${number})`,
        )
      const consumer = serviceOf(group) as Service
      await count('emitted', owner, 5)
      await count('applied', consumer, 3)
      await count('dead', consumer, 1)
      await count('dropped', consumer, 1)
    }
  return { orderId, cartId }
}
