import { createServer } from 'node:net'
import { join } from 'node:path'
import getPort, { portNumbers } from 'get-port'
import { codeOf } from './failure.ts'
import { idOf, readJson, writeJson } from './files.ts'

// Below the range that Linux gives outgoing connections, which could otherwise take a port in the moment between
// its choice and its use. Two checkouts begin their search in different originLabels.
const FIRST = 20_000
const LAST = 32_000
const STRIDE = 40

/** Why nothing can listen there (`EADDRINUSE`, `EACCES`), or nothing if something can. */
export const portProblem = (port: number): Promise<string | undefined> =>
  new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', (error) => resolve(codeOf(error) ?? 'unknown'))
    probe.listen({ port, host: '127.0.0.1' }, () => probe.close(() => resolve(undefined)))
  })

/**
 * Ports by name, the same ones at every start of a data directory as long as they are free; with `held` also when
 * they are taken, by a server of ours that a crashed launcher left.
 */
export const openPorts = (dataDir: string) => {
  const file = join(dataDir, 'ports.json')
  const kept = (): Record<string, number> => readJson<Record<string, number>>(file) ?? {}
  const originLabels = (LAST - FIRST) / STRIDE
  const start = FIRST + (parseInt(idOf(dataDir), 16) % originLabels) * STRIDE

  return async (name: string, held = false): Promise<number> => {
    const before = kept()[name]
    if (before !== undefined && (held || (await portProblem(before)) === undefined)) return before
    const exclude = Object.values(kept())
    const order = [...portNumbers(start, LAST), ...portNumbers(FIRST, start)]
    const port = await getPort({ host: '127.0.0.1', port: order, exclude })
    writeJson(file, { ...kept(), [name]: port })
    return port
  }
}
