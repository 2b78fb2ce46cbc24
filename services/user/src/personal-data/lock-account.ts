import { Problem } from '@storewright/service-kit/http'
import type { Trx } from '../database.ts'
import { lockAccountRow } from './queries.ts'

/**
 * Holds the account until the commit, so that its changes come one after another, and nothing is added to an account
 * while its person is being forgotten.
 */
export const lockAccount = async (trx: Trx, userId: string) => {
  const account = await lockAccountRow(trx, userId)
  if (account?.status !== 'active') {
    throw new Problem('invalid-token', 'This session has ended. Log in again.')
  }
  return account
}
