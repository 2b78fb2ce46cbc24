import { expect, it } from 'vitest'
import { createUpstreams } from './upstreams.ts'

const three = 'http://127.0.0.1:1, http://127.0.0.1:2,http://127.0.0.1:3/'
const ports = (upstreams: ReturnType<typeof createUpstreams>, count: number) =>
  Array.from({ length: count }, () => new URL(upstreams.next()).port)

it('uses the replicas in turn', () => {
  const used = ports(createUpstreams(three), 6)
  expect(used.slice(0, 3).sort()).toEqual(['1', '2', '3'])
  expect(used.slice(3)).toEqual(used.slice(0, 3))
})

it('passes over an unhealthy replica for two seconds, then uses it again', () => {
  let now = 0
  const upstreams = createUpstreams(three, () => now)
  upstreams.markUnhealthy('http://127.0.0.1:2')
  expect(ports(upstreams, 6)).not.toContain('2')
  now = 2_001
  expect(ports(upstreams, 3)).toContain('2')
})

it('uses an unhealthy replica when all are unhealthy', () => {
  const upstreams = createUpstreams('http://127.0.0.1:1')
  upstreams.markUnhealthy('http://127.0.0.1:1')
  expect(upstreams.next()).toBe('http://127.0.0.1:1')
})
