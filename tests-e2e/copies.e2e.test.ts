import { connect } from '@storewright/database'
import { audit } from '@storewright/ops/audit'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { expectCleanAudit } from './support/audited.ts'
import { runScript } from './support/run-script.ts'
import { guest, openShopkeeper, visit, type Shopkeeper } from './support/shopper.ts'

const underTest = inject('shop')
const shop = visit(underTest.gatewayUrl)
const db = connect<unknown>(underTest.mysqlUrl ?? '', { poolSize: 1 })
let keeper: Shopkeeper

beforeAll(async () => void (keeper = await openShopkeeper(shop, underTest.admin)))
afterAll(() => Promise.all([shop.close(), db.destroy()]))

/** Tables stand in the statement as `{service.table}`. */
const run = (statement: string) =>
  sql
    .raw(
      statement.replaceAll(
        /\{(\w+)\.(\w+)\}/g,
        (_, service: string, table: string) => `\`${underTest.prefix}${service}\`.\`${table}\``,
      ),
    )
    .execute(db)

const rebuild = (...args: string[]) =>
  runScript('packages/ops/src/main.ts', ['rebuild', ...args], {
    MYSQL_URL: underTest.mysqlUrl ?? '',
    STOREWRIGHT_PREFIX: underTest.prefix,
  })

const breaches = async () => {
  const { auditUrl, prefix } = underTest
  const { checks } = await audit({ auditUrl, prefix, settled: true, timeoutMs: 30_000 })
  return checks
    .filter((check) => check.breaches > 0)
    .map(({ what, examples }) => [what, ...examples].join(' '))
}

it('mends every copy that differs from its owner with ops rebuild, and counts and mails nothing again', async () => {
  const mug = await keeper.listProduct({ stock: 10 })
  const bowl = await keeper.listProduct({ stock: 10 })
  const unstocked = await keeper.listProduct({ stock: 0 })
  await guest(shop).checkout([{ sku: bowl.sku, quantity: 2 }], { waitSeconds: 10 })
  await expectCleanAudit(underTest)
  const stockBefore = await keeper.stock(bowl.sku)

  await run(`update {order.offers} set prices = '{"GBP": 1}', on_sale = 0 where sku = '${mug.sku}'`)
  await run(`delete from {order.stock_statuses} where sku = '${mug.sku}'`)
  await run(`update {catalog.stock_statuses} set status = 'out_of_stock' where sku = '${bowl.sku}'`)
  await run(`delete from {inventory.stock} where sku = '${unstocked.sku}'`)
  const found = (await breaches()).join('\n')
  for (const { sku } of [mug, bowl, unstocked]) expect(found).toContain(sku)

  // One product alone, and then whatever is left.
  const one = await rebuild('products', '--sku', mug.sku.toLowerCase(), '--json')
  expect(one).toMatchObject({ code: 0 })
  expect(JSON.parse(one.stdout)).toEqual([{ name: 'products', emitted: 1, error: null }])
  const all = await rebuild('all')
  expect(all.code, all.stderr).toBe(0)
  expect(all.stderr).toContain('stock: ')

  await expectCleanAudit(underTest)
  expect(await shop.product(bowl.id)).toMatchObject({ stockStatus: 'in_stock' })
  expect(await keeper.stock(bowl.sku)).toEqual(stockBefore)
})
