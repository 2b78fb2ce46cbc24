import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { contracts } from '../src/index.ts'
import type { EventPromise } from './breaking-edits.ts'
import { plain } from './schema.ts'

const folder = join(import.meta.dirname, '..', 'snapshot')

export const currentPromises = (): EventPromise[] =>
  [...contracts.values()]
    .map(({ type, visibility, data }) => ({ type, visibility, schema: plain(data) }))
    .sort((a, b) => (a.type < b.type ? -1 : 1))

export const committedPromises = (): EventPromise[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((file) => file.name.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(join(folder, file.name), 'utf8')) as EventPromise)

export const snapshotFiles = (): [path: string, content: string][] =>
  currentPromises().map((promise) => [
    join(folder, `${promise.type}.json`),
    `${JSON.stringify(promise, null, 2)}\n`,
  ])

export const writeFiles = (files: readonly [path: string, content: string][]) => {
  mkdirSync(folder, { recursive: true })
  for (const [path, content] of files) writeFileSync(path, content)
}
