import { connect } from '@storewright/database'
import { databaseUrl, readConfig } from '../config.ts'
import { rebuildCopyCommands } from './rebuild-copies.ts'
import { action, EXIT, newCommand, print, type CommonOptions } from '../cli.ts'

const listings = () =>
  newCommand('listings', 'render the stored product summaries, listings and search index again', [
    'rebuild listings',
    'rebuild search',
    'rebuild listings --after 01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a69',
  ])
    .alias('search')
    .option('--after <product>', 'continue after this product, where an interrupted rebuild ended')
    .action(
      action(async (flags: CommonOptions & { after?: string }) => {
        // Loaded only here, because it brings half of the catalogue along.
        const { rebuildListings } = await import('@storewright/catalog/rebuild-listings')
        const url = databaseUrl(readConfig(flags), 'catalog')
        const db: Parameters<typeof rebuildListings>[0] = connect(url, { poolSize: 2 })
        try {
          const result = await rebuildListings(db, {
            ...(flags.after === undefined ? {} : { after: flags.after }),
            onProgress: ({ products, changed, after }) =>
              process.stderr.write(
                `${products} products, ${changed} summaries changed; done up to ${after}\n`,
              ),
          })
          print(
            flags,
            result,
            () => `Rebuilt ${result.products} products; ${result.changed} summaries changed.`,
          )
        } finally {
          await db.destroy()
        }
        return EXIT.ok
      }),
    )

export const rebuildCommand = () => {
  const parent = newCommand(
    'rebuild',
    "rebuild, while the shop runs, what services derive from their own data or copy from others'",
    ['rebuild all', 'rebuild products --sku MUG-1', 'rebuild listings', 'rebuild search'],
  )
  for (const command of [...rebuildCopyCommands(), listings()]) parent.addCommand(command)
  return parent
}
