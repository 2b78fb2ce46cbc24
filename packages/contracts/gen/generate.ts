import { existsSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { asyncApi } from './asyncapi.ts'
import { findBreakingEdits } from './breaking-edits.ts'
import { eventDocs } from './event-docs.ts'
import { documentsWithTables } from './event-tables.ts'
import { listEvents } from './list-events.ts'
import { committedPromises, currentPromises, snapshotFiles, writeFiles } from './snapshot.ts'

// With `--check` it only compares. Either way an edit that breaks consumers of an event is refused.
const root = join(import.meta.dirname, '..', '..', '..')

const events = listEvents()
const files: [path: string, content: string][] = [
  [join(root, 'asyncapi.yaml'), asyncApi(events)],
  [join(root, 'docs', 'events.md'), eventDocs(events)],
  ...documentsWithTables(root, events),
  ...snapshotFiles(),
]

const fail = (headline: string, details: string[]) => {
  process.stderr.write(`${[headline, ...details.map((detail) => `  ${detail}`)].join('\n')}\n`)
  process.exit(1)
}

const broken = findBreakingEdits(committedPromises(), currentPromises())
if (broken.length > 0)
  fail('These edits break consumers of the event; publish a new version beside the old one:', broken)

if (process.argv.includes('--check')) {
  const stale = files
    .filter(([path, content]) => !existsSync(path) || readFileSync(path, 'utf8') !== content)
    .map(([path]) => relative(root, path))
  if (stale.length > 0) fail('Out of date; run `npm run gen`:', stale)
} else writeFiles(files)
