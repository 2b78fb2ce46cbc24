import { describe, expect, it } from 'vitest'
import { afterCommit, beforeCommit, connect, DatabaseBusy, inTransaction } from '../src/index.ts'
import { add, useCounters, type Tables } from './counters.ts'

const scratch = useCounters('transaction')
const { values } = scratch

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
    let ran = false
    const failing = inTransaction(scratch.db, async (trx) => {
      await add(trx, 1)
      afterCommit(trx, () => {
        ran = true
      })
      beforeCommit(trx, () => Promise.reject(new Error('not so')))
    })

    await expect(failing).rejects.toThrow('not so')
    expect(await values()).toEqual([0, 0])
    expect(ran).toBe(false)
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
