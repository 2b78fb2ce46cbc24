import { Readable } from 'node:stream'
import { openShop } from '@storewright/client'
import type { Login } from '@storewright/ops/config'
import type { Result } from './drive.ts'
import { readCpuMsInAll, readMemory, type NamedProcess } from './process-usage.ts'
import { read, type ReadSetting } from './scenarios.ts'

const SMALL = 1_000
const SAMPLE_MS = 500
/** In shops of any size: a category for each so many products. */
const PER_CATEGORY = 100
const QUESTIONS = SMALL / PER_CATEGORY
const COLOURS = ['blue', 'green', 'red', 'black', 'white', 'ivory', 'grey', 'pink']
const MATERIALS = ['stoneware', 'glass', 'oak', 'steel', 'linen']
const NOUNS = ['mug', 'bowl', 'lamp', 'basket', 'plate', 'clock', 'cushion', 'vase', 'tray', 'candle', 'jug']
const LOOKS = ['striped', 'vintage', 'tall', 'small', 'folding', 'painted', 'woven', 'ribbed', 'plain']

const pick = (values: string[], at: number) => values[at % values.length] ?? ''

/** One line of the file; every product differs from its neighbours, as in a real catalogue. */
const lineAt = (at: number) => {
  const name = `${pick(LOOKS, at)} ${pick(COLOURS, Math.floor(at / 9))} ${pick(NOUNS, Math.floor(at / 5))} ${at}`
  const price = `${1 + ((at * 37) % 190)}.${10 + (at % 90)}`
  const category = `Shop > Aisle ${Math.floor(at / PER_CATEGORY / 20)} > Rack ${Math.floor(at / PER_CATEGORY)}`
  return `CAT-${at},${name},${category},${price},GBP,${pick(COLOURS, Math.floor(at / 9))},${pick(MATERIALS, at)},Brand ${at % 250}\n`
}

function* fileOf(products: number) {
  yield 'sku,name,category,price,currency,attributes.colour,attributes.material,attributes.brand\n'
  for (let at = 0; at < products; at += 1) yield lineAt(at)
}

/** What visitors do with a catalogue. At both sizes as many different questions: equal ones at once share a statement. */
const scenariosOf = (products: number): Record<string, string[]> => {
  const turns = Array.from({ length: QUESTIONS }, (_, turn) => Math.floor((turn * products) / QUESTIONS))
  const rack = (at: number) => `rack-${Math.floor(at / PER_CATEGORY)}`
  return {
    list: ['/v1/products?limit=20'],
    'list of a category': turns.map((at) => `/v1/products?category=${rack(at)}&sort=price`),
    'filtered list': turns.map(
      (at) => `/v1/products?attr.colour=${pick(COLOURS, at)}&minPrice=2000&maxPrice=15000&sort=popular`,
    ),
    'category, filter and facets': turns.map(
      (at) =>
        `/v1/products?category=${rack(at)}&attr.material=${pick(MATERIALS, at)}&facets=attr.colour,attr.brand,price,inStock&total=true`,
    ),
    'facets of the shop': ['/v1/products?facets=category,price&total=true'],
    search: turns.map(
      (at) =>
        `/v1/products?q=${encodeURIComponent(`${pick(LOOKS, at)} ${pick(NOUNS, Math.floor(at / 5))} ${at}`)}`,
    ),
  }
}

export type CatalogueCost = Result & { cpuMs: number | null }
/** An import of one file; memory is that of the catalog process. */
export type ImportCost = { seconds: number; rowsPerSecond: number; pssMb: number; peakPssMb: number }
export type Catalogue = {
  sizes: { products: number; imported: ImportCost; results: CatalogueCost[] }[]
  /** The rate at the largest size over that at the smallest. */
  ratios: { scenario: string; ratio: number }[]
}

/** What an import costs; PSS of the catalog process before it, and at the most while it runs. */
const measureImport = async (
  products: number,
  processes: readonly NamedProcess[],
  run: () => Promise<unknown>,
): Promise<ImportCost> => {
  const catalog = processes.filter(({ name }) => name.startsWith('catalog'))
  const readPss = () => readMemory(catalog)[0]?.pssMb ?? 0
  const pssMb = readPss()
  let peakPssMb = pssMb
  const sampling = setInterval(() => (peakPssMb = Math.max(peakPssMb, readPss())), SAMPLE_MS)
  const began = performance.now()
  try {
    await run()
  } finally {
    clearInterval(sampling)
  }
  const seconds = (performance.now() - began) / 1_000
  return { seconds, rowsPerSecond: products / seconds, pssMb, peakPssMb: Math.max(peakPssMb, readPss()) }
}

/** Fills a shop to 1,000 and then to `largest` products, with one file each, and measures lists and searches at both. */
export const measureCatalogue = async (
  admin: Login,
  processes: readonly NamedProcess[],
  largest: number,
  setting: ReadSetting,
  onProgress: (text: string) => void,
): Promise<Catalogue> => {
  const shop = openShop({ gateways: [setting.gatewayUrl], retryForMs: 60_000 })
  const sizes: Catalogue['sizes'] = []
  try {
    const { tokens } = await shop.logIn(admin.email, admin.password)
    for (const products of [SMALL, largest]) {
      onProgress(`importing a file of ${products} products`)
      const imported = await measureImport(products, processes, async () => {
        const { rejectedCount, rejected } = await shop.importProducts(tokens.accessToken, {
          type: 'text/csv',
          content: () => Readable.from(fileOf(products)),
        })
        if (rejectedCount > 0) throw new Error(`the shop refused its goods: ${JSON.stringify(rejected[0])}`)
      })
      const results: CatalogueCost[] = []
      for (const [scenario, paths] of Object.entries(scenariosOf(products))) {
        onProgress(`${scenario} at ${products}`)
        await read(scenario, paths, { ...setting, seconds: 1 })
        const before = processes.length > 0 ? readCpuMsInAll(processes) : null
        const result = await read(scenario, paths, setting)
        const cpuMs =
          before === null ? null : (readCpuMsInAll(processes) - before) / Math.max(1, result.count)
        results.push({ ...result, cpuMs })
      }
      sizes.push({ products, imported, results })
    }
  } finally {
    await shop.close()
  }
  const [least, most] = [sizes[0]?.results ?? [], sizes.at(-1)?.results ?? []]
  return {
    sizes,
    ratios: least.map(({ scenario, perSecond }, index) => ({
      scenario,
      ratio: (most[index]?.perSecond ?? 0) / perSecond,
    })),
  }
}
