import { Command } from 'commander'
import { runProgram } from './cli.ts'

const commands: Record<string, () => Promise<Command>> = {
  audit: async () => (await import('./commands/audit.ts')).auditCommand(),
  'dead-letters': async () => (await import('./commands/dead-letters.ts')).deadLettersCommand(),
  outbox: async () => (await import('./commands/outbox.ts')).outboxCommand(),
  keys: async () => (await import('./commands/keys.ts')).keysCommand(),
  migrate: async () => (await import('./commands/migrate.ts')).migrateCommand(),
  rebuild: async () => (await import('./commands/rebuild.ts')).rebuildCommand(),
  seed: async () => (await import('./commands/seed.ts')).seedCommand(),
  import: async () => (await import('./commands/import.ts')).importCommand(),
  export: async () => (await import('./commands/export.ts')).exportCommand(),
}

/** Runs the command that the arguments name, and loads no other; without one it prints what there is. */
export const runOps = async (args: readonly string[]): Promise<void> => {
  const program = new Command('ops').description("the operators' tools of a Storewright shop").addHelpText(
    'after',
    `
Works on the shop that npm start started (.data/run.json), or on the one that the environment names: GATEWAY_URL,
ADMIN_EMAIL, ADMIN_PASSWORD, AUDIT_DATABASE_URL, MYSQL_URL, RABBITMQ_URL, USER_URL, INTERNAL_TOKEN, STOREWRIGHT_PREFIX.
Exit codes: 0 all is well, 1 a breach or a failure, 2 wrong usage.`,
  )
  const named = Object.entries(commands).filter(([name]) => name === args[0])
  for (const [, load] of named.length > 0 ? named : Object.entries(commands)) program.addCommand(await load())
  await runProgram(program, args)
}
