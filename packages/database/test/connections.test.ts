import { startProxy } from '@storewright/testing'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { connect, DatabaseBusy, DatabaseUnavailable, inTransaction } from '../src/index.ts'
import { add, useCounters, type Tables } from './counters.ts'

const scratch = useCounters('connections')
const { values } = scratch

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

  it('during the commit is reported as unknown and never repeated', async () => {
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

  it('is replaced when the server is back, and is reported as unavailable until then', async () => {
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

  it('in an idle pool is replaced without an error', async () => {
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

  it('rejects with DatabaseBusy when no connection becomes free', async () => {
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
