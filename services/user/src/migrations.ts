import { idempotencyMigrations, loadMigrations } from '@storewright/database'
import { messagingMigrations } from '@storewright/messaging'

export const userMigrations = async () => ({
  ...messagingMigrations,
  ...idempotencyMigrations,
  ...(await loadMigrations(new URL('../migrations', import.meta.url))),
})
