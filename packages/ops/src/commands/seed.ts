import { seed } from '../seed/seed.ts'
import { readConfig, requireSetting } from '../config.ts'
import { action, EXIT, newCommand, print, type CommonOptions } from '../cli.ts'

export const seedCommand = () =>
  newCommand('seed', 'fill the shop with a small demo through its API; safe to repeat', ['seed'])
    .option('--gateway <url>', 'instead of the shop that npm start started')
    .action(
      action(async (flags: CommonOptions) => {
        const config = readConfig(flags)
        const gatewayUrl = flags.gateway ?? requireSetting(config, 'gatewayUrl')
        const result = await seed(gatewayUrl, requireSetting(config, 'admin'))
        print(
          flags,
          result,
          () =>
            `${result.products} products in ${result.categories} categories; log in as ${result.customer.email} / ${result.customer.password}`,
        )
        return EXIT.ok
      }),
    )
