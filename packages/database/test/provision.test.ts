import { randomBytes } from 'node:crypto'
import { serversFromEnvironment } from '@storewright/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { connect, errnoOf, provision } from '../src/index.ts'

// Two letters shorter than a whole name: `_` is a wildcard in grants, and `t…xshop` must not fit `t…_shop`.
const base = `p${randomBytes(3).toString('hex')}`
const adminUrl = serversFromEnvironment().mysqlUrl
const admin = connect<unknown>(adminUrl, { poolSize: 1 })
const provisioned = (prefix: string, services: string[], password = 'first') =>
  provision({ adminUrl, prefix, services, passwordFor: () => password })

let urls: Record<string, string>
beforeAll(async () => {
  urls = await provisioned(`${base}_`, ['shop', 'stock'])
  await provisioned(`${base}x`, ['shop'])
  await run(urls['shop'], 'create table orders (id int primary key)')
  await run(urls['stock'], 'create table goods (id int primary key)')
  await sql.raw(`create table ${base}xshop.lookalike (id int primary key)`).execute(admin)
})
afterAll(async () => {
  for (const name of [`${base}_shop`, `${base}_stock`, `${base}xshop`]) {
    await sql.raw(`drop database if exists ${name}`).execute(admin)
    await sql.raw(`drop user if exists '${name}'@'%'`).execute(admin)
  }
  for (const name of [`${base}_audit`, `${base}xaudit`])
    await sql.raw(`drop user if exists '${name}'@'%'`).execute(admin)
  await admin.destroy()
})

const run = async (url: string | undefined, statement: string) => {
  const db = connect<unknown>(url ?? '', { poolSize: 1 })
  try {
    await sql.raw(statement).execute(db)
    return 'done'
  } catch (error) {
    return errnoOf(error)
  } finally {
    await db.destroy()
  }
}

// 1142: no right to this table; 1044: no right to this schema; 1227, 1410: none to grant.
const REFUSED = [1044, 1142, 1227, 1410]

it('gives a service all it needs in its own schema', async () => {
  expect(await run(urls['shop'], 'insert into orders values (1)')).toBe('done')
  expect(await run(urls['shop'], 'alter table orders add total int')).toBe('done')
  expect(await run(urls['shop'], 'create table more (id int primary key)')).toBe('done')
  expect(await run(urls['shop'], 'drop table more')).toBe('done')
})

it.each([
  ['read', `select * from ${base}_stock.goods`],
  ['write', `insert into ${base}_stock.goods values (1)`],
  ['drop', `drop table ${base}_stock.goods`],
  ['read what only looks like its own', `select * from ${base}xshop.lookalike`],
  ['make a schema', `create database ${base}_other`],
  ['see accounts', 'select * from mysql.user'],
  ['grant', `grant all on ${base}_stock.* to '${base}_shop'@'%'`],
])('lets no service %s elsewhere', async (_what, statement) => {
  expect(REFUSED).toContain(await run(urls['shop'], statement))
})

it('lets the auditor read everything and write nothing', async () => {
  expect(await run(urls['audit'], `select * from ${base}_shop.orders, ${base}_stock.goods`)).toBe('done')
  expect(REFUSED).toContain(await run(urls['audit'], `insert into ${base}_shop.orders (id) values (9)`))
  expect(REFUSED).toContain(await run(urls['audit'], `create table ${base}_shop.mine (id int)`))
})

it('may be repeated, and changes passwords', async () => {
  const changed = await provisioned(`${base}_`, ['shop', 'stock'], 'second: /?#@%')
  expect(await run(urls['shop'], 'select 1')).toBe(1045)
  expect(await run(changed['shop'], 'select count(*) from orders')).toBe('done')
  urls = await provisioned(`${base}_`, ['shop', 'stock'])
})

it('refuses names that need quoting', async () => {
  await expect(provisioned("x'; drop", ['shop'])).rejects.toThrow('cannot name a schema')
})
