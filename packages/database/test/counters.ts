import { scratchDatabase, type ScratchDatabase } from '@storewright/testing'
import { sql, type Kysely } from 'kysely'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import type { Migration, Trx } from '../src/index.ts'

export interface Tables {
  counters: { id: number; value: number }
}

const migrations: Record<string, Migration> = {
  counters: {
    up: (db) => sql`create table counters (id int primary key, value int not null)`.execute(db),
  },
}

/** A schema of the test file's own with two counters, which are 0 before each test. */
export const useCounters = (name: string) => {
  let scratch: ScratchDatabase<Tables>
  beforeAll(async () => {
    scratch = await scratchDatabase<Tables>(migrations, { name })
  })
  afterAll(() => scratch.drop())
  beforeEach(async () => {
    await scratch.db.deleteFrom('counters').execute()
    const zero = [1, 2].map((id) => ({ id, value: 0 }))
    await scratch.db.insertInto('counters').values(zero).execute()
  })
  return {
    get db() {
      return scratch.db
    },
    get url() {
      return scratch.url
    },
    values: async () => {
      const rows = await scratch.db.selectFrom('counters').select(['id', 'value']).orderBy('id').execute()
      return rows.map((row) => row.value)
    },
  }
}

export const add = (trx: Trx<Tables> | Kysely<Tables>, id: number) =>
  trx
    .updateTable('counters')
    .set((eb) => ({ value: eb('value', '+', 1) }))
    .where('id', '=', id)
    .execute()
