import { provisionAndMigrate } from '../migrate.ts'
import { readConfig, requireSetting } from '../config.ts'
import { action, EXIT, newCommand, print, table, type CommonOptions } from '../cli.ts'

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
      action(async (flags: CommonOptions) => {
        const config = readConfig(flags)
        const applied = await provisionAndMigrate({
          adminUrl: requireSetting(config, 'mysqlUrl'),
          prefix: config.prefix,
          env: process.env,
          databases: config.databases,
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
