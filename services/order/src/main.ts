import { startService } from '@storewright/service-kit/run'
import { buildApp } from './app.ts'
import { Config } from './config.ts'
import { allMigrations } from './database.ts'

await startService({ name: 'order', Config, migrations: allMigrations, buildApp })
