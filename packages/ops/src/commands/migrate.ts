import { provisionAndMigrate } from '../migrate/migrate.ts'
import { table } from '../table.ts'
import { need, readSurroundings } from '../surroundings.ts'
import { doing, EXIT, newCommand, print, type CommonOptions } from './command.ts'

export const migrateCommand = () =>
  newCommand('migrate', "make every service's schema and database user, and bring the schemas up to date", [
    'migrate',
  ])
    .addHelpText(
      'after',
      `
Environment: MYSQL_URL, an account that may create schemas and users; and one password each:
USER_DATABASE_PASSWORD, CATALOG_DATABASE_PASSWORD, INVENTORY_DATABASE_PASSWORD, ORDER_DATABASE_PASSWORD,
NOTIFICATION_DATABASE_PASSWORD, GATEWAY_DATABASE_PASSWORD and AUDIT_DATABASE_PASSWORD.`,
    )
    .action(
      doing(async (flags: CommonOptions) => {
        const surroundings = readSurroundings(flags)
        const applied = await provisionAndMigrate({
          adminUrl: need(surroundings, 'mysqlUrl'),
          prefix: surroundings.prefix,
          env: process.env,
          databases: surroundings.databases,
        })
        print(flags, applied, () =>
          table(
            ['service', 'migrations applied'],
            Object.entries(applied).map(([service, names]) => [service, names.length]),
          ),
        )
        return EXIT.ok
      }),
    )
