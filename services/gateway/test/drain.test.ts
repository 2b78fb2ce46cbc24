import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { startGateway } from './harness.ts'

const start = async (env: Record<string, string> = {}) => {
  const gateway = await startGateway(env)
  onTestFinished(() => gateway.stop())
  return gateway
}

/** One request over an agent's connections. */
const send = (agent: Agent, url: string) =>
  new Promise<{ status: number; connection: string | undefined }>((resolve, reject) => {
    request(url, { agent }, (response) => {
      response.resume().on('end', () => {
        resolve({ status: response.statusCode ?? 0, connection: response.headers.connection })
      })
    })
      .on('error', reject)
      .end()
  })

it('fails no request while one of two gateways stops under load', async () => {
  const gateways = [await start({ DRAIN_MS: '300' }), await start({ DRAIN_MS: '300' })] as const
  for (const { catalog } of gateways) {
    catalog.handler = (_request, response) => void pause(5).then(() => response.end('{}'))
  }
  // A load balancer: it checks every 20 ms which gateways are ready, and keeps its connections.
  const ready = new Set<string>(gateways.map(({ url }) => url))
  let watching = true
  const watch = async (url: string) => {
    while (watching) {
      const { status } = await fetch(`${url}/ready`).catch(() => ({ status: 503 }))
      if (status === 200) ready.add(url)
      else ready.delete(url)
      await pause(20)
    }
  }
  const watchers = gateways.map(({ url }) => watch(url))

  const agent = new Agent({ keepAlive: true })
  const failures: unknown[] = []
  const answered = new Map<string, number>()
  let loading = true
  const client = async (turn: number) => {
    for (let time = turn; loading; time++) {
      const urls = [...ready]
      const url = urls[time % urls.length]
      if (url === undefined) {
        await pause(5) // on a busy machine both may have answered too late
        continue
      }
      const outcome = await send(agent, `${url}/v1/products`).catch((error: unknown) => error)
      const status = (outcome as { status?: number }).status
      if (status === 200) answered.set(url, (answered.get(url) ?? 0) + 1)
      else failures.push(outcome)
    }
  }
  const clients = Array.from({ length: 16 }, (_, turn) => client(turn))
  await expect
    .poll(() => Math.min(...gateways.map(({ url }) => answered.get(url) ?? 0)), { timeout: 10_000 })
    .toBeGreaterThan(50)

  const [leaving, staying] = gateways
  await leaving.stopServer()
  const before = answered.get(staying.url) ?? 0
  await expect.poll(() => answered.get(staying.url) ?? 0, { timeout: 10_000 }).toBeGreaterThan(before + 50)
  loading = false
  await Promise.all(clients)
  watching = false
  await Promise.all(watchers)
  agent.destroy()

  expect(failures).toEqual([])
  expect(ready).toEqual(new Set([staying.url]))
})

it('finishes requests under way and closes kept connections when it stops', async () => {
  const gateway = await start({ DRAIN_MS: '1000' })
  let release = () => undefined as void
  gateway.order.handler = (_request, response) => {
    release = () => void response.end('done')
  }
  const agent = new Agent({ keepAlive: true })
  const early = await send(agent, `${gateway.url}/v1/products`)
  expect(early.connection).toBe('keep-alive')
  const slow = send(agent, `${gateway.url}/v1/orders`)
  await expect.poll(() => gateway.order.seen.length).toBe(1)

  const stopping = gateway.stopServer()
  expect((await fetch(`${gateway.url}/ready`)).status).toBe(503)
  expect((await fetch(`${gateway.url}/live`)).status).toBe(200)
  expect(await send(agent, `${gateway.url}/v1/products`)).toEqual({ status: 200, connection: 'close' })
  const stillThere = await Promise.race([stopping, pause(300).then(() => 'waiting')])
  expect(stillThere).toBe('waiting')
  release()
  expect(await slow).toEqual({ status: 200, connection: 'close' })
  await stopping
  await expect(fetch(`${gateway.url}/live`)).rejects.toThrow()
  agent.destroy()
})

it('does not wait for unused connections when it stops', async () => {
  const gateway = await start()
  const socket = connect(gateway.port, '127.0.0.1')
  await once(socket, 'connect')
  const closed = once(socket, 'close')
  const began = performance.now()
  await gateway.stopServer()
  expect(performance.now() - began).toBeLessThan(5_000)
  await closed
})

it('cuts event streams when it stops', async () => {
  const gateway = await start()
  let gone = false
  gateway.order.handler = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(':\n\n')
    response.on('close', () => (gone = true))
  }
  const stream = await fetch(`${gateway.url}/v1/orders/1/stream`)
  const end = stream.text().catch(() => 'cut')
  await gateway.stopServer()
  expect(await end).toBe('cut')
  await expect.poll(() => gone).toBe(true)
})
