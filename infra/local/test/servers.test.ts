import { spawn } from 'node:child_process'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { startMysql, startServers } from '../src/index.ts'
import { endRegistered } from '../src/orphan-processes.ts'
import { openProcessRegistry } from '../src/process-registry.ts'
import { identify, isAlive } from '../src/processes.ts'
import { query } from './support/query.ts'
import { crashAfterStart, scratchDataDir } from './support/scratch.ts'

describe('servers of our own', () => {
  it('keep their data and port after a stop and after kill -9', async () => {
    const dataDir = scratchDataDir()
    const first = await startMysql({ dataDir, own: true })
    await query(
      first.url,
      'create database kept',
      'create table kept.t (a int)',
      'insert into kept.t values (42)',
    )
    await first.kill()
    expect(await first.isRunning()).toBe(false)
    await first.start()
    expect(await query(first.url, 'select a from kept.t')).toEqual([{ a: 42 }])
    await first.stop()

    const second = await startMysql({ dataDir, own: true })
    expect(second.url).toBe(first.url)
    expect(await query(second.url, 'select a from kept.t')).toEqual([{ a: 42 }])
    await second.stop()
    expect(openProcessRegistry(dataDir).entries()).toEqual([])
  })

  it('are taken over when a crashed launcher left them running', async () => {
    const dataDir = scratchDataDir()
    await crashAfterStart('start-and-hang.ts', ['mysql', dataDir])
    const [left] = openProcessRegistry(dataDir).entries()

    const server = await startMysql({ dataDir, own: true })

    expect(server.pid).toBe(left?.process?.pid)
    expect(server.container).toBe(left?.container)
    await server.stop()
    expect(await server.isRunning()).toBe(false)
  })

  it('are not confused with another process that reuses their process id', async () => {
    const stranger = spawn('sleep', ['60'])
    onTestFinished(() => void stranger.kill())
    const identity = identify(stranger.pid ?? 0)
    const registry = openProcessRegistry(scratchDataDir())
    registry.record({ name: 'order', kind: 'service', process: { ...identity, began: 'another time' } })

    expect(await endRegistered(registry)).toEqual([])

    expect(isAlive(identity)).toBe(true)
    expect(registry.entries()).toEqual([])
  })
})

describe('servers that the environment names', () => {
  it('are used and left running', async () => {
    const dataDir = scratchDataDir()
    const servers = await startServers({ dataDir })
    expect(servers.mysql).toMatchObject({ origin: 'environment', url: process.env['MYSQL_URL'] })
    expect(servers.rabbitmq).toMatchObject({ origin: 'environment', url: process.env['RABBITMQ_URL'] })
    expect(servers.mysql.version).toMatch(/^(MariaDB|MySQL) \d+\.\d+/)
    expect(servers.rabbitmq.version).toMatch(/^RabbitMQ \d+\.\d+/)

    await servers.stop()

    expect(await servers.mysql.isRunning()).toBe(true)
    expect(await servers.rabbitmq.isRunning()).toBe(true)
    await expect(servers.mysql.kill()).rejects.toThrow(/only its owner stops or kills it/)
  })

  it.each([
    [
      'MYSQL_URL',
      'mysql://root:secret@127.0.0.1:1/',
      /MYSQL_URL names mysql:\/\/root@127\.0\.0\.1:1.*ECONNREFUSED/,
    ],
    ['MYSQL_URL', 'localhost', /MYSQL_URL is not an address such as/],
    ['RABBITMQ_URL', 'amqp://guest:secret@127.0.0.1:1', /RABBITMQ_URL names amqp:\/\/guest@127\.0\.0\.1:1/],
  ])('reports an unreachable %s in one sentence without the password', async (variable, value, sentence) => {
    vi.stubEnv(variable, value)
    onTestFinished(() => void vi.unstubAllEnvs())
    const starting = startServers({ dataDir: scratchDataDir() })
    await expect(starting).rejects.toThrow(sentence)
    await expect(starting).rejects.not.toThrow(/secret/)
  })

  it('are refused at the start when the password is wrong', async () => {
    const url = new URL(process.env['RABBITMQ_URL'] ?? '')
    url.password = 'wrong'
    vi.stubEnv('RABBITMQ_URL', url.href)
    onTestFinished(() => void vi.unstubAllEnvs())
    await expect(startServers({ dataDir: scratchDataDir() })).rejects.toThrow(
      /it refuses the user or the password/,
    )
  })
})
