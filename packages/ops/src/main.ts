import { Command, CommanderError } from 'commander'
import { auditCommand } from './commands/audit.ts'
import { EXIT, reportFailure } from './commands/command.ts'
import { deadLettersCommand } from './commands/dead-letters.ts'
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
])
  program.addCommand(command)

// Commander would leave with 1 for a wrong option, which is this tool's code for a breach; and it would give an option
// that a group and its command both know to the group.
const prepare = (command: Command): void => {
  command.exitOverride().enablePositionalOptions()
  for (const child of command.commands) prepare(child)
}
prepare(program)

await program.parseAsync().catch((error: unknown) => {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage
  else process.exitCode = reportFailure(error)
})
