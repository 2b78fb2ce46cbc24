// Proves that the fences stand: a tool that silently reads nothing passes every check. Each rule gets a file that
// breaks it, and must say so; a house that breaks none must pass.
import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ESLint } from 'eslint'
import { boundaryPlants, cleanHouse, lintPlants, type Plant } from './plants.ts'

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

const buildHouse = async (plants: Plant[]) => {
  const house = await mkdtemp(join(tmpdir(), 'storewright-house-'))
  for (const file of ['.dependency-cruiser.cjs', 'tsconfig.json'])
    await copyFile(join(root, file), join(house, file))
  for (const name of PACKAGES) {
    await write(
      house,
      `node_modules/${name}/package.json`,
      JSON.stringify({ name, version: '1.0.0', main: 'index.js' }),
    )
    await write(house, `node_modules/${name}/index.js`, 'module.exports = {}\n')
  }
  const dependencies = Object.fromEntries(PACKAGES.slice(0, -2).map((name) => [name, '1.0.0']))
  const devDependencies = Object.fromEntries(PACKAGES.slice(-2).map((name) => [name, '1.0.0']))
  await write(house, 'package.json', JSON.stringify({ name: 'house', dependencies, devDependencies }))
  for (const [path, text] of Object.entries(cleanHouse)) await write(house, path, text)
  for (const { path, text, beside } of plants) {
    for (const [file, content] of Object.entries({ ...beside, [path]: text }))
      await write(house, file, content)
  }
  return house
}

/** What dependency-cruiser finds in a house with these plants. */
const cruise = async (plants: Plant[]): Promise<Cruise['summary']> => {
  const house = await buildHouse(plants)
  try {
    const args = ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'packages', 'services']
    const stdout = await new Promise<string>((resolve, reject) => {
      const options = { cwd: house, maxBuffer: 64 * 1024 * 1024 }
      execFile(join(root, 'node_modules/.bin/depcruise'), args, options, (error, output, complaint) => {
        // Its exit code is the number of violations; that it did not run at all shows in the output.
        if (output.startsWith('{')) resolve(output)
        else reject(new Error(`dependency-cruiser did not run: ${complaint}`, { cause: error }))
      })
    })
    return (JSON.parse(stdout) as Cruise).summary
  } finally {
    await rm(house, { recursive: true })
  }
}

const keyOf = (rule: string, path: string) => `${rule} by ${path}`

const checkBoundaries = async (): Promise<string[]> => {
  const clean = await cruise([])
  const faults = clean.violations.map(
    ({ rule, from }) => `a clean house is accused of ${keyOf(rule.name, from)}`,
  )
  if (clean.totalCruised < Object.keys(cleanHouse).length) {
    faults.push(`dependency-cruiser read only ${clean.totalCruised} files`)
  }

  const { violations } = await cruise(boundaryPlants)
  const found = new Set(violations.map(({ rule, from }) => keyOf(rule.name, from)))
  const planted = new Set(boundaryPlants.map(({ rule, path }) => keyOf(rule, path)))
  for (const plant of planted) if (!found.has(plant)) faults.push(`not caught: ${plant}`)
  for (const finding of found)
    if (!planted.has(finding)) faults.push(`caught without being planted: ${finding}`)

  const { forbidden } = require(join(root, '.dependency-cruiser.cjs')) as Rules
  const tried = new Set(boundaryPlants.map(({ rule }) => rule))
  for (const { name } of forbidden) if (!tried.has(name)) faults.push(`nothing is planted for ${name}`)
  return faults
}

const checkLint = async (): Promise<string[]> => {
  const eslint = new ESLint({ cwd: root })
  const faults: string[] = []
  for (const { rule, path, text } of lintPlants) {
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
else console.log(`all ${boundaryPlants.length + lintPlants.length} planted violations are caught`)
