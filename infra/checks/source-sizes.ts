// The budgets of the source: what is cut too small is as hard to find one's way in as what is too long.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const SMALL_LINES = 25
const MAX_SMALL_SHARE = 0.08
const MAX_LINES = 250
const COMMENT_SHARE = { least: 0.02, most: 0.05 }

const root = join(import.meta.dirname, '../..')
const TESTS_OR_GENERATED = /(^|\/)(test|migrations|generated)\/|\.test\.ts$|\.gen\.ts$/

const files = execFileSync('git', ['ls-files', 'packages', 'services', 'infra', 'examples'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file.endsWith('.ts') && !TESTS_OR_GENERATED.test(file))
  .map((file) => ({ file, lines: readFileSync(join(root, file), 'utf8').trimEnd().split('\n') }))

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`
const isComment = (line: string): boolean => /^\s*(\/\/|\/\*|\*)/.test(line)

const small = files.filter(({ lines }) => lines.length < SMALL_LINES)
const smallShare = small.length / files.length
const allLines = files.flatMap(({ lines }) => lines)
const commentShare = allLines.filter(isComment).length / allLines.length

const faults = files
  .filter(({ lines }) => lines.length > MAX_LINES)
  .map(({ file, lines }) => `${file} has ${lines.length} lines; ${MAX_LINES} is the most`)
if (smallShare >= MAX_SMALL_SHARE) {
  faults.push(
    `${percent(smallShare)} of the source files have fewer than ${SMALL_LINES} lines (${percent(MAX_SMALL_SHARE)} is the limit):`,
    ...small.map(({ file, lines }) => `  ${lines.length} ${file}`),
  )
}
if (commentShare < COMMENT_SHARE.least || commentShare > COMMENT_SHARE.most) {
  faults.push(
    `${percent(commentShare)} of the lines are comments; the range is ${percent(COMMENT_SHARE.least)} to ${percent(COMMENT_SHARE.most)}`,
  )
}

for (const fault of faults) console.error(fault)
if (faults.length > 0) process.exitCode = 1
else {
  console.log(
    `${files.length} source files, ${percent(smallShare)} under ${SMALL_LINES} lines, ${percent(commentShare)} comments`,
  )
}
