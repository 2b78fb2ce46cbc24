import { seed } from '../seed/seed.ts'
import { need, readSurroundings } from '../surroundings.ts'
import { doing, EXIT, newCommand, print, type CommonOptions } from './command.ts'

export const seedCommand = () =>
  newCommand('seed', 'fill the shop with a small demo through its API; safe to repeat', ['seed'])
    .option('--gateway <url>', 'instead of the shop that npm start started')
    .action(
      doing(async (flags: CommonOptions) => {
        const surroundings = readSurroundings(flags)
        const gatewayUrl = flags.gateway ?? need(surroundings, 'gatewayUrl')
        const result = await seed(gatewayUrl, need(surroundings, 'admin'))
        print(
          flags,
          result,
          () =>
            `${result.products} products in ${result.categories} categories; log in as ${result.customer.email} / ${result.customer.password}`,
        )
        return EXIT.ok
      }),
    )
