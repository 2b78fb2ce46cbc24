import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'

const program = fileURLToPath(new URL('./run-program.ts', import.meta.url))
const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** A real process of three components; `how` is what goes wrong in it. */
const start = (how: string) => {
  const child = spawn(process.execPath, [program, how], { stdio: ['ignore', 'pipe', 'pipe'] })
  children.push(child)
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const ended = new Promise<number | null>((resolve) => void child.on('close', resolve))
  return {
    child,
    ended,
    output: () => output,
    steps: () => output.split('\n').filter((line) => /^(start|stop) /.test(line)),
    logs: (text: string) => expect.poll(() => output, { timeout: 15_000 }).toContain(text),
  }
}

const ALL_STARTED = ['start database', 'start broker', 'start server']

describe('a process', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('starts in order and on %s stops in reverse', async (signal) => {
    const { child, ended, steps, logs } = start('well')
    await logs('"msg":"started"')
    child.kill(signal)

    expect(await ended).toBe(0)
    expect(steps()).toEqual([...ALL_STARTED, 'stop server', 'stop broker', 'stop database'])
  })

  it('that cannot start logs the reason in a line, undoes what it did, and exits with 1', async () => {
    const { ended, steps, output } = start('broken-start')
    expect(await ended).toBe(1)
    expect(steps()).toEqual(['start database', 'start broker', 'stop broker', 'stop database'])
    expect(output()).toContain('test cannot start: no broker at 127.0.0.1')
  })

  it('that is not configured logs what is missing and exits with 1', async () => {
    const { ended, output } = start('broken-config')
    expect(await ended).toBe(1)
    expect(output()).toContain('test cannot start: the configuration is not usable: DATABASE_URL is required')
  })

  it('stops the rest when one component fails to stop', async () => {
    const { child, ended, steps, logs } = start('broken-stop')
    await logs('"msg":"started"')
    child.kill('SIGTERM')
    expect(await ended).toBe(1)
    expect(steps().slice(3)).toEqual(['stop server', 'stop broker', 'stop database'])
  })

  it('gives up on a component that does not stop in time', async () => {
    const { child, ended, output, logs } = start('stuck-stop')
    await logs('"msg":"started"')
    child.kill('SIGTERM')
    expect(await ended).toBe(1)
    expect(output()).toContain('gave up stopping after the deadline')
  })

  it('exits at once on a second signal', async () => {
    const { child, ended, logs } = start('stuck-long')
    await logs('"msg":"started"')
    child.kill('SIGTERM')
    await logs('"msg":"stopping"')
    child.kill('SIGTERM')
    expect(await ended).toBe(1)
  })

  it('stops when the signal comes while it starts', async () => {
    const { child, ended, steps, logs } = start('slow-start')
    await logs('start database')
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
    expect(steps().at(-1)).toBe('stop database')
  })

  it('with a rejection that nobody handled logs it and exits with 1', async () => {
    const { ended, output } = start('unhandled')
    expect(await ended).toBe(1)
    expect(output()).toMatch(/"level":"fatal".*lost promise/)
  })
})
