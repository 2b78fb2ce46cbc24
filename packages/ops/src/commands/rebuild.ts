import { connect } from '@storewright/database'
import { databaseUrl, readConfig } from '../config.ts'
import { action, EXIT, newCommand, print, type CommonOptions } from '../cli.ts'

interface Progress {
  products: number
  changed: number
  after: string
}
type RebuildListings = (
  db: object,
  options: { after?: string | undefined; onProgress: (progress: Progress) => void },
) => Promise<Progress>

/** The catalogue's own function, found where `migrate` finds the services' migrations: packages import no service. */
const loadRebuildListings = async () => {
  const file = new URL('../../../../services/catalog/src/products/rebuild-listings.ts', import.meta.url)
  return ((await import(file.href)) as { rebuildListings: RebuildListings }).rebuildListings
}

const listings = () =>
  newCommand('listings', 'render the stored product summaries, listings and search terms anew', [
    'rebuild listings',
    'rebuild listings --after 01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a69',
  ])
    .option('--after <product>', 'go on after this product, where an interrupted rebuild ended')
    .action(
      action(async (flags: CommonOptions & { after?: string }) => {
        const rebuildListings = await loadRebuildListings()
        const db = connect<unknown>(databaseUrl(readConfig(flags), 'catalog'), { poolSize: 2 })
        try {
          const onProgress = ({ products, changed, after }: Progress) =>
            process.stderr.write(`${products} products, ${changed} summaries changed; done up to ${after}\n`)
          const result = await rebuildListings(db, {
            ...(flags.after === undefined ? {} : { after: flags.after }),
            onProgress,
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

export const rebuildCommand = () =>
  newCommand('rebuild', 'derived data of a service, made anew while the shop runs').addCommand(listings())
