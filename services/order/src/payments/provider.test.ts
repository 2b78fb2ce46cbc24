import { paymentProviders } from '@storewright/contracts'
import { expect, it } from 'vitest'
import type { Db } from '../database.ts'
import { createProviders } from './sandbox.ts'

it('the providers of the shop are those that GET /v1/shop names', () => {
  const ours = [...createProviders({} as Db).values()]
  expect(ours.map(({ name, needsToken }) => ({ name, needsToken }))).toEqual(paymentProviders)
})
