import { loadMigrations } from '@storewright/database'
import { messagingMigrations } from '@storewright/messaging'

export const allMigrations = async () => ({
  ...messagingMigrations,
  ...(await loadMigrations(new URL('../migrations/', import.meta.url))),
})
