import { scratchDatabase, type ScratchDatabase } from '@storewright/testing'
import { sql, type Kysely } from 'kysely'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { connect, loadMigrations, migrate, type Migration } from '../src/index.ts'

const statement = (text: string): Migration => ({ up: (db) => sql.raw(text).execute(db) })

const first = { '1-goods': statement('create table goods (id int primary key)') }
const both = { ...first, '2-labels': statement('alter table goods add label varchar(20)') }

let scratch: ScratchDatabase<unknown>
beforeEach(async () => {
  scratch = await scratchDatabase({}, { name: 'migrate' })
})
afterEach(() => scratch.drop())

const run = (migrations: Record<string, Migration>, db: Kysely<unknown> = scratch.db) =>
  migrate({ db, migrations, name: 'shop' })

it('applies what is missing, in order, once', async () => {
  expect(await run(first)).toEqual(['1-goods'])
  expect(await run(both)).toEqual(['2-labels'])
  expect(await run(both)).toEqual([])
  await sql`insert into goods (id, label) values (1, 'top')`.execute(scratch.db)
})

it('lets replicas start together', async () => {
  const replicas = Array.from({ length: 6 }, () => connect<unknown>(scratch.url))
  const applied = await Promise.all(replicas.map((replica) => run(both, replica)))

  expect(applied.flat().sort()).toEqual(['1-goods', '2-labels'])
  await Promise.all(replicas.map((replica) => replica.destroy()))
})

it('goes on where a failed one stopped', async () => {
  const broken = { ...first, '2-labels': statement('alter table goods add label nonsense') }
  await expect(run(broken)).rejects.toThrow(/migration 2-labels failed/)

  expect(await run(both)).toEqual(['2-labels'])
})

it('goes on where a process died between the statement and its record', async () => {
  await run(both)
  await sql`update schema_migrations set applied_at = null where name = '2-labels'`.execute(scratch.db)

  expect(await run(both)).toEqual(['2-labels'])
  expect(await run(both)).toEqual([])
})

it('does not take a table that somebody else made for its own', async () => {
  await sql`create table goods (id int primary key)`.execute(scratch.db)
  await expect(run(first)).rejects.toThrow(/migration 1-goods failed/)
  await expect(run(first)).rejects.toThrow(/migration 1-goods failed/)
})

it('refuses a schema that is ahead of this code', async () => {
  await run(both)
  await expect(run(first)).rejects.toThrow('newer than this code: it has 2-labels')
})

it('takes in a migration whose name sorts before those applied', async () => {
  await run(both)
  const more = { ...both, '0-early': statement('create table early (id int primary key)') }
  expect(await run(more)).toEqual(['0-early'])
})

it('loads migrations from a folder', async () => {
  const migrations = await loadMigrations(new URL('./migrations', import.meta.url))
  expect(Object.keys(migrations)).toEqual(['20260101T0000-create-things'])
  expect(await run(migrations)).toEqual(['20260101T0000-create-things'])
  await expect(loadMigrations(new URL('../src', import.meta.url))).rejects.toThrow('does not export up()')
})
