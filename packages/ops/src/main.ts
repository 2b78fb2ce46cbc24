import { runOps } from './program.ts'

await runOps(process.argv.slice(2))
