import { createServer } from 'node:net'
import { join } from 'node:path'
import getPort, { portNumbers } from 'get-port'
import { idOf, readJson, writeJson } from './files.ts'

// Below the range that Linux gives outgoing connections, which could otherwise take a port in the moment between
// its choice and its use. Two checkouts begin their search in different places.
const FIRST = 20_000
const LAST = 32_000
const STRIDE = 40

/** Whether nothing listens there. */
export const isFree = (port: number, host = '127.0.0.1'): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(true)))
  })

/** Ports by name, the same ones at every start of a data directory as long as they are free. */
export const openPorts = (dataDir: string) => {
  const file = join(dataDir, 'ports.json')
  return async (name: string): Promise<number> => {
    const kept = readJson<Record<string, number>>(file)?.[name]
    if (kept !== undefined && (await isFree(kept))) return kept
    const places = (LAST - FIRST) / STRIDE
    const start = FIRST + (parseInt(idOf(dataDir), 16) % places) * STRIDE
    const port = await getPort({
      host: '127.0.0.1',
      port: [...portNumbers(start, LAST), ...portNumbers(FIRST, start)],
    })
    writeJson(file, { ...readJson<Record<string, number>>(file), [name]: port })
    return port
  }
}
