import { setTimeout as pause } from 'node:timers/promises'
import { normaliseSku } from '@storewright/contracts'
import { connect } from '@storewright/database'
import { readRebuild, requestRebuild, type RebuildState } from '@storewright/messaging/admin/rebuilds'
import { action, EXIT, newCommand, print, table, type CommonOptions } from '../cli.ts'
import { databaseUrl, readConfig, UsageError, type OpsConfig } from '../config.ts'

/** What others keep copies of: its owner, and whether it can be picked by SKU. */
const COPIED = {
  contacts: { owner: 'user', bySku: false },
  categories: { owner: 'catalog', bySku: false },
  products: { owner: 'catalog', bySku: true },
  promotions: { owner: 'catalog', bySku: false },
  stock: { owner: 'inventory', bySku: true },
} as const
type Name = keyof typeof COPIED

const POLL_MS = 250
/** Longer than a batch takes beside normal work. */
const STALLED_AFTER_MS = 10_000
/** One statement of the owner lists them. */
const MAX_SKUS = 1_000

type Db = ReturnType<typeof connect<unknown>>
type Result = { name: Name; emitted: number; error: string | null }

const report = (line: string) => process.stderr.write(`${line}\n`)

const watch = async (db: Db, name: Name, id: string): Promise<Result> => {
  let last: RebuildState | undefined
  for (let movedAt = Date.now(); ; await pause(POLL_MS)) {
    const state = await readRebuild(db, id)
    if (state.emitted !== last?.emitted || state.error !== last.error) {
      if (state.emitted > 0) report(`${name}: ${state.emitted} emitted again`)
      movedAt = Date.now()
    }
    last = state
    if (state.finished) return { name, emitted: state.emitted, error: state.error }
    if (Date.now() - movedAt < STALLED_AFTER_MS) continue
    const { owner } = COPIED[name]
    report(
      `${name}: waits until ${owner} runs and its outbox and the queues of what it emits are short${state.error ? `; ${state.error}` : ''}`,
    )
    movedAt = Date.now()
  }
}

const rebuildOne = async (config: OpsConfig, name: Name, skus: string[] | null): Promise<Result> => {
  const db = connect<unknown>(databaseUrl(config, COPIED[name].owner), { poolSize: 1 })
  try {
    return await watch(db, name, await requestRebuild(db, { name, skus }))
  } finally {
    await db.destroy()
  }
}

const parseSkus = (inputs: string[] | undefined, names: Name[]): string[] | null => {
  if (inputs === undefined) return null
  const others = names.filter((name) => !COPIED[name].bySku)
  if (others.length > 0) throw new UsageError(`--sku does not go with ${others.join(' and ')}`)
  if (inputs.length > MAX_SKUS) throw new UsageError(`name at most ${MAX_SKUS} SKUs, or none for all`)
  return inputs.map((input) => {
    const sku = normaliseSku(input)
    if (sku === null) throw new UsageError(`"${input}" is not a SKU`)
    return sku
  })
}

const run = (names: Name[]) =>
  action(async (flags: CommonOptions & { sku?: string[] }) => {
    const skus = parseSkus(flags.sku, names)
    const config = readConfig(flags)
    const results: Result[] = []
    for (const name of names) results.push(await rebuildOne(config, name, skus))
    print(flags, results, () =>
      table(
        ['copies of', 'emitted again', 'ended with'],
        results.map(({ name, emitted, error }) => [name, emitted, error ?? '']),
      ),
    )
    return results.some(({ error }) => error !== null) ? EXIT.failed : EXIT.ok
  })

const bySku = (names: Name[]) => names.every((name) => COPIED[name].bySku)

const commandFor = (command: string, names: Name[], description: string) => {
  const made = newCommand(command, description, [
    `rebuild ${command}`,
    ...(bySku(names) ? [`rebuild ${command} --sku MUG-1 MUG-2`] : []),
  ]).action(run(names))
  return bySku(names) ? made.option('--sku <skus...>', `only these, at most ${MAX_SKUS}`) : made
}

const names = Object.keys(COPIED) as Name[]

/** An owner emits its state again, and whoever keeps a copy of it takes it; what counts or mails ignores it. */
export const rebuildCopyCommands = () => [
  ...names.map((name) =>
    commandFor(name, [name], `have ${COPIED[name].owner} emit all ${name} again, for the copies of others`),
  ),
  commandFor('all', names, `all of these: ${names.join(', ')}`),
]
