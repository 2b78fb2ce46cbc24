import { setTimeout as delay } from 'node:timers/promises'
import { messageOf, secondsSince } from '../reporting.ts'
import { type ServerHandle, type ServerName, displayName } from '../servers/handle.ts'

const EVERY_MS = 2_000
const LONGEST_PAUSE_MS = 30_000

/** Reports a server of ours that dies, and starts it again on the same data until `signal` aborts. */
export const watchServer = async (
  name: ServerName,
  server: ServerHandle,
  report: (text: string) => void,
  changed: () => void,
  signal: AbortSignal,
): Promise<void> => {
  if (server.origin === 'environment') return
  const sleep = (ms: number) => delay(ms, undefined, { signal }).catch(() => undefined)
  for (let pause = EVERY_MS; !signal.aborted; await sleep(pause)) {
    if (await server.isRunning()) continue
    if (signal.aborted) return
    report(`${displayName[name]} died; starting it again on its data. Its log: ${server.log}`)
    const began = Date.now()
    try {
      await server.start()
      changed()
      report(`${displayName[name]} is back after ${secondsSince(began)}.`)
      pause = EVERY_MS
    } catch (error) {
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS)
      report(`${messageOf(error)} The next try is in ${pause / 1000} s.`)
    }
  }
}
