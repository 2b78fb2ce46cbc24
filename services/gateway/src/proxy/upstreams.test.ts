import { expect, it } from 'vitest'
import { createUpstreams } from './upstreams.ts'

const three = 'http://127.0.0.1:1, http://127.0.0.1:2,http://127.0.0.1:3/'
const ports = (upstreams: ReturnType<typeof createUpstreams>, count: number) =>
  Array.from({ length: count }, () => new URL(upstreams.next()).port)

it('asks the replicas in turn', () => {
  const asked = ports(createUpstreams(three), 6)
  expect(asked.slice(0, 3).sort()).toEqual(['1', '2', '3'])
  expect(asked.slice(3)).toEqual(asked.slice(0, 3))
})

it('passes over a replica that refused, for two seconds', () => {
  let now = 0
  const upstreams = createUpstreams(three, () => now)
  upstreams.setAside('http://127.0.0.1:2')
  expect(ports(upstreams, 6)).not.toContain('2')
  now = 2_001
  expect(ports(upstreams, 3)).toContain('2')
})

it('asks anyway when all refused', () => {
  const upstreams = createUpstreams('http://127.0.0.1:1')
  upstreams.setAside('http://127.0.0.1:1')
  expect(upstreams.next()).toBe('http://127.0.0.1:1')
})
