import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Failure } from './reporting.ts'
import { checkout, readJson, writeJson } from './files.ts'
import type { Stack } from './stack/index.ts'

type Login = { email: string; password: string }
type Seeded = { database: string; customer: Login }

/** Fills a new shop once, in a process of its own: the operators' package builds on this one. */
export const fillDemoShop = async (
  stack: Stack,
  dataDir: string,
  database: string,
  signal: AbortSignal,
): Promise<Login> => {
  const file = join(dataDir, 'seeded.json')
  const seeded = readJson<Seeded>(file)
  if (seeded?.database === database) return seeded.customer
  const main = join(checkout, 'packages', 'ops', 'src', 'main.ts')
  if (!existsSync(main)) throw new Failure(`${main} is missing: the demo shop cannot be filled.`)
  try {
    const run = await promisify(execFile)(process.execPath, [main, 'seed', '--json'], {
      cwd: checkout,
      signal,
      env: {
        ...process.env,
        GATEWAY_URL: stack.gatewayUrl,
        ADMIN_EMAIL: stack.admin.email,
        ADMIN_PASSWORD: stack.admin.password,
      },
    })
    const { customer } = JSON.parse(run.stdout) as { customer: Login }
    writeJson(file, { database, customer } satisfies Seeded)
    return customer
  } catch (error) {
    const complaint =
      error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error)
    throw new Failure(
      'The demo shop could not be filled; npm start -- --no-demo starts without it.',
      complaint.split('\n').slice(-5),
    )
  }
}
