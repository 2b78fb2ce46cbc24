import { idempotencyMigrations, loadMigrations } from '@storewright/database'
import { messagingMigrations } from '@storewright/messaging'

/** Everything that this service's schema needs: its own tables and those of its packages. */
export const allMigrations = async () => ({
  ...messagingMigrations,
  ...idempotencyMigrations,
  ...(await loadMigrations(new URL('../migrations/', import.meta.url))),
})
