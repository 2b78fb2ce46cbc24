import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Shop } from '@storewright/client'
import { drive, type Result } from './drive.ts'
import { productList, type Setting } from './scenarios.ts'

const PASSWORD = 'a long enough secret'
/** Somebody who browses while others log in: few, so that the figure is latency and not capacity. */
const BROWSERS = 4

/** Registers an account for each worker; patiently, for a shop turns a crowd of passwords away. */
const registerAll = async (shop: Shop, workers: number) => {
  const emails = Array.from({ length: workers }, () => `bench-${randomUUID()}@example.com`)
  for (const email of emails) {
    for (;;) {
      const body = { email, password: PASSWORD }
      const { status } = await shop.http.call('POST', '/v1/auth/register', { body })
      if (status === 201) break
      if (status !== 503 && status !== 429) throw new Error(`registering answered ${status}`)
      await pause(500)
    }
  }
  return emails
}

const logInAs = async (shop: Shop, email: string) => void (await shop.logIn(email, PASSWORD))

/** Log-ins with the password cost of production: what the machine's cores can grind. */
export const logIns = async ({ shop, workers, seconds }: Setting): Promise<Result> => {
  const emails = await registerAll(shop, workers)
  return drive({ scenario: 'log-in', unit: 'log-ins', workers, seconds }, (worker) =>
    logInAs(shop, emails[worker] ?? ''),
  )
}

/** Browsing alone, then browsing while everybody logs in at once. */
export const browsingInAStorm = async (setting: Setting): Promise<Result[]> => {
  const browsing = { ...setting, workers: BROWSERS }
  const alone = await productList(browsing)
  const emails = await registerAll(setting.shop, setting.workers)
  const storm = drive(
    { scenario: 'log-in, with browsing', unit: 'log-ins', ...setting, seconds: setting.seconds + 1 },
    (worker) => logInAs(setting.shop, emails[worker] ?? ''),
  )
  await pause(500) // until every core has a password to grind
  const during = await productList(browsing)
  return [
    { ...alone, scenario: `browsing with ${BROWSERS} connections` },
    { ...during, scenario: 'the same in a log-in storm' },
    await storm,
  ]
}
