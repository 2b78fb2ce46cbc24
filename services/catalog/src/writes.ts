import { DatabaseBusy, isDuplicateKey } from '@storewright/database'

const ATTEMPTS = 4

/** Runs a transaction again when it lost a race for a unique key: the second try finds the winner's row. */
export const retryOnDuplicateKey = async <T>(transaction: () => Promise<T>): Promise<T> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await transaction()
    } catch (error) {
      if (!isDuplicateKey(error)) throw error
      if (attempt === ATTEMPTS)
        throw new DatabaseBusy('lost several races for a unique key', { cause: error })
    }
  }
}
