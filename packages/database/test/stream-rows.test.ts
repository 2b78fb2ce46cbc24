import { scratchDatabase, type ScratchDatabase } from '@storewright/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { streamRows } from '../src/index.ts'

let scratch: ScratchDatabase<unknown>
beforeAll(async () => {
  scratch = await scratchDatabase({}, { name: 'stream', poolSize: 1 })
})
afterAll(() => scratch.drop())

const numbers = (count: number) => ({
  sql: 'with recursive n as (select 1 as value union all select value + 1 from n where value < ?) select value from n',
  parameters: [count],
})

it('yields every row in order, and leaves the pool to others meanwhile', async () => {
  const values: number[] = []
  for await (const { value } of streamRows<{ value: number }>(scratch.db, numbers(900))) {
    if (values.length === 0) await sql`select 1`.execute(scratch.db)
    values.push(value)
  }
  expect(values).toEqual(Array.from({ length: 900 }, (_, index) => index + 1))
})

it('ends its connection when its reader stops early, and passes errors on', async () => {
  const ids: number[] = []
  for await (const { id } of streamRows<{ id: number }>(scratch.db, {
    sql: `select connection_id() as id from (${numbers(0).sql}) as many`,
    parameters: [900],
  })) {
    ids.push(id)
    break
  }
  await expect
    .poll(async () => {
      const { rows } = await sql`select id from information_schema.processlist where id = ${ids[0]}`.execute(
        scratch.db,
      )
      return rows
    })
    .toEqual([])
  const broken = streamRows(scratch.db, { sql: 'select nothing from nowhere', parameters: [] })
  await expect(broken.next()).rejects.toThrow(/nowhere/)
})
