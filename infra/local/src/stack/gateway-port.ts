import { rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Failure, codeOf } from '../reporting.ts'
import { readJson } from '../files.ts'
import { portProblem } from '../ports.ts'
import { type Identity, identify, isAlive } from '../processes.ts'

const FIRST_CHOICE = 8080

/** Notes that the port is ours, for other checkouts that choose one before the gateway listens. */
const claim = (port: number): boolean => {
  const file = join(tmpdir(), `storewright-port-${port}.json`)
  const holder = readJson<Identity>(file)
  if (holder && holder.pid !== process.pid && isAlive(holder)) return false
  try {
    if (holder) rmSync(file, { force: true })
    writeFileSync(file, JSON.stringify(identify(process.pid)), { flag: 'wx' })
    return true
  } catch (error) {
    // Lost the race, or the note is another user's: then the port's own state has to do.
    return codeOf(error) !== 'EEXIST'
  }
}

/** The port that was asked for, or 8080, or the next free one. */
export const chooseGatewayPort = async (asked: number | undefined): Promise<number> => {
  if (asked !== undefined) {
    const problem = await portProblem(asked)
    if (problem === undefined) return asked
    if (problem === 'EACCES') {
      throw new Failure(
        `Port ${asked} takes more rights than you have: choose one above 1023, such as PORT=8081 npm start.`,
      )
    }
    throw new Failure(
      `Port ${asked} is in use by another program: stop that, or choose another, such as PORT=${asked + 1} npm start.`,
    )
  }
  for (let port = FIRST_CHOICE; port < FIRST_CHOICE + 1000; port += 1) {
    if ((await portProblem(port)) === undefined && claim(port)) return port
  }
  throw new Failure('No port between 8080 and 9079 is free: choose one with PORT=… npm start.')
}
