import { Command } from 'commander'
import { runProgram } from './cli.ts'
import { auditCommand } from './commands/audit.ts'
import { deadLettersCommand } from './commands/dead-letters.ts'
import { exportCommand } from './commands/export.ts'
import { importCommand } from './commands/import.ts'
import { keysCommand } from './commands/keys.ts'
import { migrateCommand } from './commands/migrate.ts'
import { outboxCommand } from './commands/outbox.ts'
import { rebuildCommand } from './commands/rebuild.ts'
import { seedCommand } from './commands/seed.ts'

const program = new Command('ops').description("the operators' tools of a Storewright shop").addHelpText(
  'after',
  `
Works on the shop that npm start started (.data/run.json), or on the one that the environment names: GATEWAY_URL,
ADMIN_EMAIL, ADMIN_PASSWORD, AUDIT_DATABASE_URL, MYSQL_URL, RABBITMQ_URL, USER_URL, INTERNAL_TOKEN, STOREWRIGHT_PREFIX.
Exit codes: 0 all is well, 1 a breach or a failure, 2 wrong usage.`,
)

for (const command of [
  auditCommand(),
  deadLettersCommand(),
  outboxCommand(),
  keysCommand(),
  migrateCommand(),
  rebuildCommand(),
  seedCommand(),
  importCommand(),
  exportCommand(),
])
  program.addCommand(command)

await runProgram(program)
