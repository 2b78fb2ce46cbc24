import { createServer } from 'node:net'
import { join } from 'node:path'
import getPort, { portNumbers } from 'get-port'
import { codeOf } from './reporting.ts'
import { idOf, readJson, writeJson } from './files.ts'

// Below the range of outgoing connections, which could take a port between its choice and its use.
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

/** Ports by name, kept for a data directory; with `held` also when a server of ours has the port already. */
export const openPorts = (dataDir: string) => {
  const file = join(dataDir, 'ports.json')
  const kept = (): Record<string, number> => readJson<Record<string, number>>(file) ?? {}
  const ranges = (LAST - FIRST) / STRIDE
  const start = FIRST + (parseInt(idOf(dataDir), 16) % ranges) * STRIDE

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
