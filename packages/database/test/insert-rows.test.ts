import { scratchDatabase, type ScratchDatabase } from '@storewright/testing'
import { sql, type Generated } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { insertRows, overwriteExcept, type Migration } from '../src/index.ts'

interface Tables {
  notes: { id: number; text: string | null; data: Buffer; at: Date; read: Generated<number> }
}

const migrations: Record<string, Migration> = {
  notes: {
    up: (db) =>
      sql`create table notes (id int primary key, text varchar(50) character set utf8mb4, data varbinary(16) not null,
        at datetime(6) not null, \`read\` int not null default 0)`.execute(db),
  },
}

let scratch: ScratchDatabase<Tables>
beforeAll(async () => {
  scratch = await scratchDatabase<Tables>(migrations, { name: 'insert_rows' })
})
afterAll(() => scratch.drop())
beforeEach(() => scratch.db.deleteFrom('notes').execute())

const note = (id: number, text: string | null = 'x') => ({
  id,
  text,
  data: Buffer.from([0, 255]),
  at: new Date('2026-01-31T09:30:00.123Z'),
})
const read = () => scratch.db.selectFrom('notes').selectAll().orderBy('id').execute()

it('stores values of every kind as they are', async () => {
  const rows = [note(1, `'; drop table notes -- \\ "?" \n`), note(2, null), note(3, '😀')]
  await insertRows(scratch.db, 'notes', rows)
  expect(await read()).toEqual(rows.map((row) => ({ ...row, read: 0 })))
})

it('overwrites what is there, adds to it, or leaves it, as it is asked', async () => {
  await insertRows(scratch.db, 'notes', [note(1, 'first')])
  const next = [note(1, 'next'), note(2)]
  await expect(insertRows(scratch.db, 'notes', next)).rejects.toMatchObject({ errno: 1062 })
  await insertRows(scratch.db, 'notes', next, { ignore: true })
  expect(await read()).toMatchObject([{ text: 'first' }, { text: 'x' }])
  await insertRows(scratch.db, 'notes', next, { onDuplicate: overwriteExcept(next, ['id', 'at']) })
  await insertRows(scratch.db, 'notes', next, { onDuplicate: '`read` = `read` + 1' })
  expect(await read()).toMatchObject([{ text: 'next', read: 1 }, { read: 1 }])
})

it('sends many rows in few statements, and none for no rows', async () => {
  let statements = 0
  const counting = scratch.db.withPlugin({
    transformQuery: ({ node }) => node,
    transformResult: ({ result }) => {
      statements += 1
      return Promise.resolve(result)
    },
  })
  await insertRows(counting, 'notes', [])
  expect(statements).toBe(0)
  await insertRows(
    counting,
    'notes',
    Array.from({ length: 10_001 }, (_, at) => note(at)),
  )
  expect(statements).toBe(2)
  expect(await read()).toHaveLength(10_001)
})
