import { startService } from '@storewright/service-kit/run'
import { buildApp } from './app.ts'
import { Config } from './config.ts'
import { userMigrations } from './migrations.ts'

await startService({ name: 'user', Config, migrations: userMigrations, buildApp })
