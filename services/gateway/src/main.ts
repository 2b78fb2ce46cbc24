import { startService } from '@storewright/service-kit/run'
import { buildApp } from './app.ts'
import { Config } from './config.ts'

await startService({ name: 'gateway', Config, buildApp })
