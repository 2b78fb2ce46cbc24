import { existsSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { asyncApi } from './asyncapi.ts'
import { findBreakingEdits } from './breaking-edits.ts'
import { eventDocs } from './event-docs.ts'
import { committedPromises, currentPromises, snapshotFiles, writeFiles } from './snapshot.ts'

// `--check` fails where the committed files are not what the contracts say; without it they are written. Both
// refuse an edit that breaks those who hear an event.
const root = join(import.meta.dirname, '..', '..', '..')

const files: [path: string, content: string][] = [
  [join(root, 'asyncapi.yaml'), asyncApi()],
  [join(root, 'docs', 'events.md'), eventDocs()],
  ...snapshotFiles(),
]

const fail = (headline: string, details: string[]) => {
  process.stderr.write(`${[headline, ...details.map((detail) => `  ${detail}`)].join('\n')}\n`)
  process.exit(1)
}

const broken = findBreakingEdits(committedPromises(), currentPromises())
if (broken.length > 0)
  fail('These edits break whoever hears the event; publish a new version beside the old one:', broken)

if (process.argv.includes('--check')) {
  const stale = files
    .filter(([path, content]) => !existsSync(path) || readFileSync(path, 'utf8') !== content)
    .map(([path]) => relative(root, path))
  if (stale.length > 0) fail('Out of date; run `npm run gen`:', stale)
} else writeFiles(files)
