import { loadMigrations } from '@storewright/database'
import { messagingMigrations } from '@storewright/messaging'

/** All that makes the service's schema. */
export const allMigrations = async () => ({
  ...messagingMigrations,
  ...(await loadMigrations(new URL('../migrations/', import.meta.url))),
})
