import { register } from 'prom-client'
import { expect, it } from 'vitest'
import { counter, gauge, histogram, onScrape } from './metrics.ts'

it('registers a metric once, however often its module is loaded', async () => {
  const first = counter('test_total', 'Tests', ['kind'])
  first.inc({ kind: 'a' })
  expect(counter('test_total', 'Tests', ['kind'])).toBe(first)
  histogram('test_seconds', 'Time', { buckets: [1, 2] }).observe(1.5)
  expect(histogram('test_seconds', 'Time', { buckets: [1, 2] })).toBeDefined()
  expect(await register.metrics()).toMatch(/test_total\{kind="a"\} 1/)
})

it('reads the sources once per scrape for all gauges, and no more once they are taken off', async () => {
  const depth = gauge('test_depth', 'Depth')
  const age = gauge('test_age', 'Age', ['queue'])
  let reads = 0
  const off = onScrape(async () => {
    reads += 1
    depth.set(reads)
    age.set({ queue: 'a' }, 10 * reads)
  })
  expect(await register.metrics()).toMatch(/test_depth 1[^]*test_age\{queue="a"\} 10/)
  expect(await register.metrics()).toMatch(/test_depth 2[^]*test_age\{queue="a"\} 20/)
  off()
  expect(await register.metrics()).toMatch(/test_depth 2/)
})

it('keeps old values and the other sources when one source fails', async () => {
  const value = gauge('test_value', 'Value')
  const offs = [onScrape(() => Promise.reject(new Error('no database'))), onScrape(async () => value.set(7))]
  expect(await register.metrics()).toMatch(/test_value 7/)
  for (const off of offs) off()
})
