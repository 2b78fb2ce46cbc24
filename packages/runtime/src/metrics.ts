import { Counter, Gauge, Histogram, register, type Metric } from 'prom-client'

/** One of each name per process, however many servers, brokers or tests load the module. */
const once = <M extends Metric>(name: string, create: () => M): M =>
  (register.getSingleMetric(name) as M | undefined) ?? create()

export const counter = <Label extends string = never>(
  name: string,
  help: string,
  labelNames: readonly Label[] = [],
): Counter<Label> => once(name, () => new Counter({ name, help, labelNames }))

export const histogram = <Label extends string = never>(
  name: string,
  help: string,
  { labelNames = [], buckets }: { labelNames?: readonly Label[]; buckets: number[] },
): Histogram<Label> => once(name, () => new Histogram({ name, help, labelNames, buckets }))

type Source = () => Promise<void>
const sources = new Set<Source>()
let reading: Promise<unknown> | undefined

const readSources = () =>
  (reading ??= Promise.all([...sources].map((read) => read().catch(() => undefined))).finally(() => {
    reading = undefined
  }))

/** All gauges of one scrape share one reading of the sources of `onScrape`. */
export const gauge = <Label extends string = never>(
  name: string,
  help: string,
  labelNames: readonly Label[] = [],
): Gauge<Label> =>
  once(name, () => new Gauge({ name, help, labelNames, collect: async () => void (await readSources()) }))

/** Runs `read`, which sets gauges, at each scrape until the returned function is called; a failure leaves old values. */
export const onScrape = (read: Source) => {
  sources.add(read)
  return () => void sources.delete(read)
}
