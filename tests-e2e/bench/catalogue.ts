import { Readable } from 'node:stream'
import { openShop } from '@storewright/client'
import type { Login } from '@storewright/ops/config'
import type { Result } from './drive.ts'
import { readCpuMs, readMemory, type NamedProcess } from './process-usage.ts'
import { read, type ReadSetting } from './scenarios.ts'

const SIZES = [1_000, 100_000]
/** A client waits for the answer to a file for a minute at most. */
const PER_FILE = 10_000
/** In shops of any size: a category for each so many products. */
const PER_CATEGORY = 100
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

function* fileOf(from: number, to: number) {
  yield 'sku,name,category,price,currency,attributes.colour,attributes.material,attributes.brand\n'
  for (let at = from; at < to; at += 1) yield lineAt(at)
}

/** What visitors do with a catalogue; each asks for a different part of it in turn. */
const scenariosOf = (products: number): Record<string, string[]> => {
  const turns = Array.from({ length: 40 }, (_, turn) => Math.floor((turn * products) / 40))
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
export type Catalogue = {
  sizes: { products: number; importSeconds: number; peakMb: number; results: CatalogueCost[] }[]
  /** The rate at the largest size over that at the smallest. */
  ratios: { scenario: string; ratio: number }[]
}

/** Fills a shop to each of the sizes through the import, and measures lists and searches at each. */
export const measureCatalogue = async (
  admin: Login,
  processes: readonly NamedProcess[],
  setting: ReadSetting,
  onProgress: (text: string) => void,
): Promise<Catalogue> => {
  const shop = openShop({ gateways: [setting.gatewayUrl], retryForMs: 60_000 })
  const sizes: Catalogue['sizes'] = []
  try {
    const { tokens } = await shop.logIn(admin.email, admin.password)
    let stored = 0
    for (const products of SIZES) {
      onProgress(`importing ${products - stored} products`)
      const began = performance.now()
      for (let from = stored; from < products; from += PER_FILE) {
        const to = Math.min(products, from + PER_FILE)
        const { rejectedCount, rejected } = await shop.importProducts(tokens.accessToken, {
          type: 'text/csv',
          content: () => Readable.from(fileOf(from, to)),
        })
        if (rejectedCount > 0) throw new Error(`the shop refused its goods: ${JSON.stringify(rejected[0])}`)
      }
      const importSeconds = (performance.now() - began) / 1_000
      stored = products
      const catalog = readMemory(processes).find(({ process }) => process.startsWith('catalog'))
      const results: CatalogueCost[] = []
      for (const [scenario, paths] of Object.entries(scenariosOf(products))) {
        onProgress(`${scenario} at ${products}`)
        await read(scenario, paths, { ...setting, seconds: 1 })
        const before = processes.length > 0 ? readCpuMs(processes) : null
        const result = await read(scenario, paths, setting)
        const cpuMs = before === null ? null : (readCpuMs(processes) - before) / Math.max(1, result.count)
        results.push({ ...result, cpuMs })
      }
      sizes.push({ products, importSeconds, peakMb: catalog?.peakMb ?? 0, results })
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
