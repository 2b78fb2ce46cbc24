// Proves that the fences stand: each rule gets a file that breaks it and must be reported.
import { execFile } from 'node:child_process'
import { access, copyFile, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
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
  const faults: string[] = []
  const { totalCruised, violations } = await cruise(boundaryViolations)
  if (totalCruised < Object.keys(cleanWorkspace).length)
    faults.push(`dependency-cruiser read only ${totalCruised} files`)
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

/** A workspace of these files alone: to know the types of all sources takes long, and no rule here needs them. */
const buildLintWorkspace = async () => {
  const workspace = await realpath(await mkdtemp(join(tmpdir(), 'storewright-lint-')))
  await copyFile(join(root, 'tsconfig.json'), join(workspace, 'tsconfig.json'))
  const owners = new Set(lintViolations.map(({ path }) => path.split('/').slice(0, 2).join('/')))
  for (const folder of ['.', ...owners]) {
    await mkdir(join(workspace, folder), { recursive: true })
    await symlink(join(root, folder, 'node_modules'), join(workspace, folder, 'node_modules'))
  }
  const planted = lintViolations.map(({ path, ...violation }, index) => ({
    ...violation,
    path: path.replace(/(?=(\.test)?\.ts$)/, `-${index}`),
  }))
  for (const { path, text } of planted) {
    await access(dirname(join(root, path)))
    await write(workspace, path, text)
  }
  return { workspace, planted }
}

const checkLint = async (): Promise<string[]> => {
  const { workspace, planted } = await buildLintWorkspace()
  const parserOptions = { tsconfigRootDir: workspace }
  try {
    const eslint = new ESLint({
      cwd: workspace,
      overrideConfigFile: join(root, 'eslint.config.js'),
      overrideConfig: { files: ['**/*.ts'], languageOptions: { parserOptions } },
    })
    const results = await eslint.lintFiles(planted.map(({ path }) => path))
    return planted.flatMap(({ rule, path }) => {
      const found = results.find(({ filePath }) => filePath === join(workspace, path))
      const rules = found?.messages.map(({ ruleId }) => ruleId) ?? []
      return rules.includes(rule)
        ? []
        : [`not caught: ${keyOf(rule, path)} (${rules.join(', ') || 'nothing was'})`]
    })
  } finally {
    await rm(workspace, { recursive: true })
  }
}

const faults = (await Promise.all([checkBoundaries(), checkLint()])).flat()
for (const fault of faults) console.error(fault)
if (faults.length > 0) process.exitCode = 1
else console.log(`all ${boundaryViolations.length + lintViolations.length} planted violations are caught`)
