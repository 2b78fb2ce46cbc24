import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { findAddedServices, shopServices } from './services.ts'

const checkoutWith = (files: Record<string, string>): string => {
  const root = mkdtempSync(join(tmpdir(), 'services-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
  return root
}
const isService = JSON.stringify({ storewright: { service: true } })

describe('findAddedServices', () => {
  it('starts a folder of services/ or examples/ whose package.json declares a service, with a schema', () => {
    const root = checkoutWith({
      'services/loyalty/package.json': isService,
      'services/loyalty/src/main.ts': '',
      'examples/daily-takings/package.json': isService,
      'examples/daily-takings/src/main.ts': '',
    })
    expect(findAddedServices(root, [])).toMatchObject([
      { name: 'loyalty', entry: join(root, 'services/loyalty/src/main.ts'), database: true },
      { name: 'daily_takings', entry: join(root, 'examples/daily-takings/src/main.ts'), database: true },
    ])
  })

  it('ignores folders that declare no service, have no or a broken package.json, or come with the shop', () => {
    const root = checkoutWith({
      'services/notes/README.md': '',
      'services/library/package.json': '{}',
      'services/off/package.json': JSON.stringify({ storewright: { service: false } }),
      'services/broken/package.json': '{',
      'services/order/package.json': isService,
    })
    expect(findAddedServices(root, ['order'])).toEqual([])
    expect(findAddedServices(checkoutWith({}), [])).toEqual([])
  })

  it('refuses a service without src/main.ts, or whose folder cannot name a schema', () => {
    const withoutEntry = checkoutWith({ 'services/loyalty/package.json': isService })
    expect(() => findAddedServices(withoutEntry, [])).toThrow(/loyalty has no .*main\.ts/)
    const badName = checkoutWith({
      'services/Loyalty Points/package.json': isService,
      'services/Loyalty Points/src/main.ts': '',
    })
    expect(() => findAddedServices(badName, [])).toThrow(/lower-case letters/)
  })

  it('finds the shop itself without duplicates', () => {
    const names = shopServices().map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(names).toContain('gateway')
  })
})
