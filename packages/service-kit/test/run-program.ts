import { setTimeout as pause } from 'node:timers/promises'
import { Type } from 'typebox'
import { loadConfig, run } from '../src/run.ts'

const how = process.argv[2]
// Keeps the process alive, as a listening server would.
setInterval(() => undefined, 60_000)
const print = (text: string) => process.stdout.write(`${text}\n`)

await run(
  'test',
  async () => {
    if (how === 'broken-config') loadConfig(Type.Object({ DATABASE_URL: Type.String() }), {})
    return [
      {
        name: 'database',
        start: async () => {
          print('start database')
          if (how === 'slow-start') await pause(300)
        },
        stop: () => print('stop database'),
      },
      {
        name: 'broker',
        start: () => {
          print('start broker')
          if (how === 'broken-start') throw new Error('no broker at 127.0.0.1')
          if (how === 'unhandled') void Promise.reject(new Error('lost promise'))
        },
        stop: async () => {
          print('stop broker')
          if (how === 'broken-stop') throw new Error('no')
          if (how === 'stuck-stop' || how === 'stuck-long') await pause(30_000)
        },
      },
      { name: 'server', start: () => print('start server'), stop: () => print('stop server') },
    ]
  },
  { deadlineMs: how === 'stuck-long' ? 30_000 : 300 },
)
