import { scratchDatabase, startProxy, type ScratchDatabase } from '@storewright/testing'
import { sql, type Kysely } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  afterCommit,
  beforeCommit,
  connect,
  DatabaseBusy,
  DatabaseUnavailable,
  inTransaction,
  type Migration,
  type Trx,
} from '../src/index.ts'

interface Tables {
  counters: { id: number; value: number }
}

const migrations: Record<string, Migration> = {
  counters: {
    up: (db) => sql`create table counters (id int primary key, value int not null)`.execute(db),
  },
}

let scratch: ScratchDatabase<Tables>
beforeAll(async () => {
  scratch = await scratchDatabase<Tables>(migrations, { name: 'transaction' })
})
afterAll(() => scratch.drop())
beforeEach(async () => {
  await scratch.db.deleteFrom('counters').execute()
  await scratch.db
    .insertInto('counters')
    .values([
      { id: 1, value: 0 },
      { id: 2, value: 0 },
    ])
    .execute()
})

const add = (trx: Trx<Tables> | Kysely<Tables>, id: number) =>
  trx
    .updateTable('counters')
    .set((eb) => ({ value: eb('value', '+', 1) }))
    .where('id', '=', id)
    .execute()

const values = async () => {
  const rows = await scratch.db.selectFrom('counters').select(['id', 'value']).orderBy('id').execute()
  return rows.map((row) => row.value)
}

/** Resolves once as many have come to it. */
const barrier = (parties: number) => {
  const { promise, resolve } = Promise.withResolvers<void>()
  return () => {
    if (--parties <= 0) resolve()
    return promise
  }
}

describe('a transaction', () => {
  it('runs again after a deadlock, and both in it succeed', async () => {
    let attempts = 0
    const meet = barrier(2)
    const crossing = (first: number, second: number) =>
      inTransaction(scratch.db, async (trx) => {
        attempts += 1
        await add(trx, first)
        await meet()
        await add(trx, second)
      })

    await Promise.all([crossing(1, 2), crossing(2, 1)])

    expect(await values()).toEqual([2, 2])
    expect(attempts).toBe(3)
  })

  it('rolls back wholly after a lock wait timeout, and leaves a clean connection behind', async () => {
    const single = connect<Tables>(scratch.url, { poolSize: 1 })
    const holder = await scratch.db.startTransaction().execute()
    await add(holder, 1)

    const late = inTransaction(
      single,
      async (trx) => {
        await add(trx, 2)
        await add(trx, 1)
      },
      { attempts: 1 },
    )
    await expect(late).rejects.toThrow(DatabaseBusy)
    await holder.rollback().execute()
    await inTransaction(single, (trx) => add(trx, 1))

    expect(await values()).toEqual([1, 0])
    await single.destroy()
  })

  it('passes on what the work throws, without another attempt', async () => {
    let attempts = 0
    const failing = inTransaction(scratch.db, async (trx) => {
      attempts += 1
      await add(trx, 1)
      throw new Error('no')
    })

    await expect(failing).rejects.toThrow('no')
    expect(attempts).toBe(1)
    expect(await values()).toEqual([0, 0])
  })

  it('does not leave queries behind that were still running when the work failed', async () => {
    const failing = inTransaction(scratch.db, (trx) =>
      Promise.all([add(trx, 1), Promise.reject(new Error('no'))]),
    )

    await expect(failing).rejects.toThrow('no')
    expect(await values()).toEqual([0, 0])
  })
})

describe('hooks', () => {
  it('run before and after the commit, in order, and may add further ones', async () => {
    const steps: string[] = []
    await inTransaction(scratch.db, async (trx) => {
      afterCommit(trx, () => steps.push('after'))
      beforeCommit(trx, async () => {
        await add(trx, 1)
        beforeCommit(trx, async () => void steps.push('second'))
        steps.push('first')
      })
      steps.push('work')
    })

    expect(steps).toEqual(['work', 'first', 'second', 'after'])
    expect(await values()).toEqual([1, 0])
  })

  it('belong to one attempt', async () => {
    const steps: string[] = []
    const meet = barrier(2)
    const crossing = (first: number, second: number) =>
      inTransaction(scratch.db, async (trx) => {
        beforeCommit(trx, async () => void steps.push('before'))
        afterCommit(trx, () => steps.push('after'))
        await add(trx, first)
        await meet()
        await add(trx, second)
      })

    await Promise.all([crossing(1, 2), crossing(2, 1)])

    expect(steps.filter((step) => step === 'before')).toHaveLength(2)
    expect(steps.filter((step) => step === 'after')).toHaveLength(2)
  })

  it('roll the transaction back when one before the commit fails, and none after it runs', async () => {
    let told = false
    const failing = inTransaction(scratch.db, async (trx) => {
      await add(trx, 1)
      afterCommit(trx, () => {
        told = true
      })
      beforeCommit(trx, () => Promise.reject(new Error('not so')))
    })

    await expect(failing).rejects.toThrow('not so')
    expect(await values()).toEqual([0, 0])
    expect(told).toBe(false)
  })

  it('cannot fail the caller after the commit', async () => {
    const result = await inTransaction(scratch.db, async (trx) => {
      afterCommit(trx, () => {
        throw new Error('too late')
      })
      await add(trx, 1)
      return 'done'
    })

    expect(result).toBe('done')
    expect(await values()).toEqual([1, 0])
  })

  it('are refused once the transaction is over, and on foreign ones', async () => {
    const over = await inTransaction(scratch.db, async (trx) => trx)
    expect(() => afterCommit(over, () => undefined)).toThrow('already over')

    await scratch.db.transaction().execute(async (trx) => {
      expect(() => beforeCommit(trx, async () => undefined)).toThrow('not opened by inTransaction')
    })
  })
})

describe('a lost connection', () => {
  it('before the commit costs nothing but another attempt', async () => {
    let attempts = 0
    await inTransaction(scratch.db, async (trx) => {
      attempts += 1
      await add(trx, 1)
      if (attempts > 1) return
      const { rows } = await sql<{ id: number }>`select connection_id() as id`.execute(trx)
      await sql`kill ${sql.lit(rows[0]?.id)}`.execute(scratch.db)
      await add(trx, 2)
    })

    expect(attempts).toBe(2)
    expect(await values()).toEqual([1, 0])
  })

  it('during the commit is told as unknown and never repeated', async () => {
    const proxy = await startProxy(scratch.url)
    const db = connect<Tables>(proxy.url)
    let attempts = 0
    proxy.loseAnswerTo((sent) => sent.toString('latin1').includes('commit'))

    const error: unknown = await inTransaction(db, async (trx) => {
      attempts += 1
      await add(trx, 1)
    }).catch((reason: unknown) => reason)

    expect(error).toBeInstanceOf(DatabaseUnavailable)
    expect(error).toMatchObject({ outcomeUnknown: true })
    expect(attempts).toBe(1)
    await expect.poll(values).toEqual([1, 0])
    await db.destroy()
    await proxy.stop()
  })

  it('is replaced when the server is back, and is told as unavailable until then', async () => {
    const proxy = await startProxy(scratch.url)
    const db = connect<Tables>(proxy.url, { poolSize: 4 })
    const many = () => Promise.all(Array.from({ length: 12 }, () => inTransaction(db, (trx) => add(trx, 1))))
    await many()

    proxy.down()
    const answers = await Promise.allSettled(
      Array.from({ length: 12 }, () => inTransaction(db, (trx) => add(trx, 1))),
    )
    for (const answer of answers) {
      expect(answer.status === 'rejected' && answer.reason).toBeInstanceOf(DatabaseUnavailable)
    }
    proxy.up()
    await many()

    expect(await values()).toEqual([24, 0])
    await db.destroy()
    await proxy.stop()
  })

  it('in an idle pool is not even noticed', async () => {
    const proxy = await startProxy(scratch.url)
    const db = connect<Tables>(proxy.url, { poolSize: 3 })
    await Promise.all([1, 1, 1].map((id) => inTransaction(db, (trx) => add(trx, id))))

    proxy.cut()
    await Promise.all([2, 2, 2].map((id) => inTransaction(db, (trx) => add(trx, id))))

    expect(await values()).toEqual([3, 3])
    await db.destroy()
    await proxy.stop()
  })
})

describe('the pool', () => {
  it('sets every session before anybody uses it', async () => {
    const sessions = await Promise.all(
      Array.from({ length: 5 }, () =>
        scratch.db.connection().execute(async (connection) => {
          const { rows } = await sql<Record<string, unknown>>`
            select @@innodb_lock_wait_timeout as wait, @@time_zone as zone, @@character_set_client as charset,
              @@sql_mode like '%STRICT_TRANS_TABLES%' as strict, sleep(0.05) as slept`.execute(connection)
          const isolation = await sql<{ Value: string }>`
            show variables where variable_name in ('tx_isolation', 'transaction_isolation')`.execute(
            connection,
          )
          return { ...rows[0], isolation: isolation.rows[0]?.Value }
        }),
      ),
    )

    for (const session of sessions) {
      expect(session).toMatchObject({
        wait: 3,
        zone: '+00:00',
        charset: 'utf8mb4',
        strict: 1,
        isolation: 'READ-COMMITTED',
      })
    }
  })

  it('says that it is busy when no connection becomes free', async () => {
    const single = connect<Tables>(scratch.url, { poolSize: 1 })
    const holder = await single.startTransaction().execute()

    await expect(inTransaction(single, (trx) => add(trx, 1))).rejects.toThrow(DatabaseBusy)

    await holder.rollback().execute()
    await inTransaction(single, (trx) => add(trx, 1))
    expect(await values()).toEqual([1, 0])
    await single.destroy()
  })

  it('keeps numbers exact, and dates in UTC', async () => {
    const { rows } = await sql<Record<string, unknown>>`
      select cast(9007199254740991 as signed) as safe, cast(9007199254740993 as signed) as big,
        sum(value) as total, cast('2026-01-31 09:30:00.123456' as datetime(6)) as at,
        cast(${new Date('2026-07-01T12:00:00Z')} as char) as sent from counters`.execute(scratch.db)

    expect(rows[0]).toEqual({
      safe: 9007199254740991,
      big: '9007199254740993',
      total: 0,
      at: new Date('2026-01-31T09:30:00.123Z'),
      sent: expect.stringMatching(/^2026-07-01 12:00:00/) as unknown,
    })
  })
})
