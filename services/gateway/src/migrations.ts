import { loadMigrations } from '@storewright/database'

/** All that makes the gateway's schema. */
export const allMigrations = () => loadMigrations(new URL('../migrations/', import.meta.url))
