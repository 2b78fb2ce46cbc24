// Proves that the fences stand: each rule gets a file that breaks it and must be reported.
import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ESLint } from 'eslint'
import { boundaryViolations, cleanWorkspace, lintViolations, type Violation } from './fixtures.ts'

const root = join(import.meta.dirname, '../..')
const require = createRequire(import.meta.url)
const PACKAGES = [
  'typebox',
  'kysely',
  'fastify',
  '@fastify/cors',
  'mysql2',
  'amqplib',
  'vitest',
  'only-for-development',
]

interface Cruise {
  summary: { totalCruised: number; violations: { rule: { name: string }; from: string }[] }
}
interface Rules {
  forbidden: { name: string }[]
}

const write = async (folder: string, path: string, text: string) => {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await writeFile(join(folder, path), text)
}

const buildWorkspace = async (violations: Violation[]) => {
  const workspace = await mkdtemp(join(tmpdir(), 'storewright-workspace-'))
  for (const file of ['.dependency-cruiser.cjs', 'tsconfig.json'])
    await copyFile(join(root, file), join(workspace, file))
  for (const name of PACKAGES) {
    await write(
      workspace,
      `node_modules/${name}/package.json`,
      JSON.stringify({ name, version: '1.0.0', main: 'index.js' }),
    )
    await write(workspace, `node_modules/${name}/index.js`, 'module.exports = {}\n')
  }
  const dependencies = Object.fromEntries(PACKAGES.slice(0, -2).map((name) => [name, '1.0.0']))
  const devDependencies = Object.fromEntries(PACKAGES.slice(-2).map((name) => [name, '1.0.0']))
  await write(workspace, 'package.json', JSON.stringify({ name: 'workspace', dependencies, devDependencies }))
  for (const [path, text] of Object.entries(cleanWorkspace)) await write(workspace, path, text)
  for (const { path, text, beside } of violations) {
    for (const [file, content] of Object.entries({ ...beside, [path]: text }))
      await write(workspace, file, content)
  }
  return workspace
}

const cruise = async (violations: Violation[]): Promise<Cruise['summary']> => {
  const workspace = await buildWorkspace(violations)
  try {
    const args = ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'packages', 'services']
    const stdout = await new Promise<string>((resolve, reject) => {
      const options = { cwd: workspace, maxBuffer: 64 * 1024 * 1024 }
      execFile(join(root, 'node_modules/.bin/depcruise'), args, options, (error, output, complaint) => {
        // Its exit code is the number of violations; that it did not run at all shows in the output.
        if (output.startsWith('{')) resolve(output)
        else reject(new Error(`dependency-cruiser did not run: ${complaint}`, { cause: error }))
      })
    })
    return (JSON.parse(stdout) as Cruise).summary
  } finally {
    await rm(workspace, { recursive: true })
  }
}

const keyOf = (rule: string, path: string) => `${rule} by ${path}`

const checkBoundaries = async (): Promise<string[]> => {
  const clean = await cruise([])
  const faults = clean.violations.map(
    ({ rule, from }) => `a clean workspace is accused of ${keyOf(rule.name, from)}`,
  )
  if (clean.totalCruised < Object.keys(cleanWorkspace).length) {
    faults.push(`dependency-cruiser read only ${clean.totalCruised} files`)
  }

  const { violations } = await cruise(boundaryViolations)
  const found = new Set(violations.map(({ rule, from }) => keyOf(rule.name, from)))
  const planted = new Set(
    boundaryViolations.flatMap(({ rule, path, reportedAt = [path] }) =>
      reportedAt.map((at) => keyOf(rule, at)),
    ),
  )
  for (const violation of planted) if (!found.has(violation)) faults.push(`not caught: ${violation}`)
  for (const finding of found)
    if (!planted.has(finding)) faults.push(`caught without being planted: ${finding}`)

  const { forbidden } = require(join(root, '.dependency-cruiser.cjs')) as Rules
  const tried = new Set(boundaryViolations.map(({ rule }) => rule))
  for (const { name } of forbidden) if (!tried.has(name)) faults.push(`nothing is planted for ${name}`)
  return faults
}

const checkLint = async (): Promise<string[]> => {
  const eslint = new ESLint({ cwd: root })
  const faults: string[] = []
  for (const { rule, path, text } of lintViolations) {
    await readFile(join(root, path))
    const results = await eslint.lintText(text, { filePath: join(root, path) })
    const rules = results.flatMap(({ messages }) => messages.map(({ ruleId }) => ruleId))
    if (!rules.includes(rule))
      faults.push(`not caught: ${keyOf(rule, path)} (${rules.join(', ') || 'nothing was'})`)
  }
  return faults
}

const faults = (await Promise.all([checkBoundaries(), checkLint()])).flat()
for (const fault of faults) console.error(fault)
if (faults.length > 0) process.exitCode = 1
else console.log(`all ${boundaryViolations.length + lintViolations.length} planted violations are caught`)
