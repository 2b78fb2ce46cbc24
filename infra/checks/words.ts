// Keeps the words of a private dialect from coming back, in prose and in names such as `tellKeys` and `told_at`.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const instead: Record<string, string> = {
  say: 'emit, state, report',
  says: 'emits, states, reports',
  said: 'emitted, stated, reported',
  saying: 'emitting, stating',
  tell: 'report, return, emit',
  tells: 'reports, returns, emits',
  told: 'reported, returned, emitted',
  telling: 'reporting',
  hear: 'consume, receive, subscribe to',
  hears: 'consumes, receives',
  heard: 'consumed, received',
  hearer: 'consumer',
  hearing: 'consuming, receiving',
  wake: 'notify',
  wakes: 'notifies',
  woken: 'notified',
  shelf: 'stock level, workspace',
  shelves: 'stock levels',
  patience: 'retry, deadline',
  surroundings: 'context, configuration',
  occasion: 'context',
  leftovers: 'orphans',
  whisper: 'internal event',
  greetable: 'safe display name',
  lone: 'single',
  asker: 'requester',
  unsure: 'unavailable',
  bury: 'dead-letter',
  readdress: 'copy',
  hush: 'clear',
  crew: 'worker pool',
  rig: 'harness',
  news: 'notifications, changes',
}

const root = join(import.meta.dirname, '../..')
const READ = /\.(ts|mjs|cjs|js|md|yaml|yml|sh)$/
// Recorded names of migrations cannot change, and generated files repeat their sources.
const LEFT_OUT =
  /(^|\/)(migrations|snapshot)\/|^pnpm-lock|\.gen\.ts$|^(asyncapi|openapi)\.yaml$|^infra\/checks\/words\.ts$/

/** The words of a line in lower case; `tellKeys`, `told_at` and `MAX_TOLD` are two each. */
const wordsOf = (line: string): string[] =>
  line
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .match(/[a-z]+/g) ?? []

const only = process.argv[2] ?? ''
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => READ.test(file) && !LEFT_OUT.test(file) && file.startsWith(only))

let found = 0
for (const file of files) {
  const lines = [file, ...readFileSync(join(root, file), 'utf8').split('\n')]
  for (const [at, line] of lines.entries()) {
    for (const word of new Set(wordsOf(line))) {
      const better = Object.hasOwn(instead, word) ? instead[word] : undefined
      if (better === undefined) continue
      found += 1
      console.error(`${file}:${at === 0 ? 'its name' : at}: “${word}”; write: ${better}`)
    }
  }
}
if (found > 0) {
  console.error(`${found} words of a private dialect: see the glossary in ARCHITECTURE.md`)
  process.exitCode = 1
} else console.log(`${files.length} files in the field's words`)
