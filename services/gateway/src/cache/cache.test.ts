import { describe, expect, it } from 'vitest'
import { createCache, MAX_AGE_MS, type Answer } from './cache.ts'

const answer = (text: string, ...subjects: string[]): Answer => ({
  route: '/v1/products/*',
  headers: { etag: `"${text}"` },
  body: Buffer.from(text),
  subjects,
})

const setUp = ({ maxBytes = 1_000_000 } = {}) => {
  let now = 5_000
  const cache = createCache({ maxBytes, clock: () => now })
  const shown = (key: string) => cache.get(key)?.body.toString()
  return { cache, shown, wait: (ms: number) => (now += ms) }
}

describe('the cache', () => {
  it('keeps an answer for a second, counted from when the service was asked', () => {
    const { cache, shown, wait } = setUp()
    const fill = cache.begin('page')
    wait(400)
    fill.keep(answer('one', 'mug'))
    expect(shown('page')).toBe('one')
    wait(MAX_AGE_MS - 400)
    expect(shown('page')).toBe('one')
    wait(1)
    expect(shown('page')).toBeUndefined()
  })

  it('does not keep what took longer than a second', () => {
    const { cache, shown, wait } = setUp()
    const fill = cache.begin('page')
    wait(MAX_AGE_MS + 1)
    fill.keep(answer('late'))
    expect(shown('page')).toBeUndefined()
  })

  it('drops what is about a subject and nothing else', () => {
    const { cache, shown } = setUp()
    cache.begin('page').keep(answer('page', 'mug'))
    cache.begin('levels').keep(answer('levels', 'MUG-1', 'CUP-1'))
    cache.begin('list').keep(answer('list', 'products'))
    cache.drop('cup')
    cache.drop('CUP-1')
    expect(['page', 'levels', 'list'].map(shown)).toEqual(['page', undefined, 'list'])
    cache.drop('mug')
    expect(['page', 'levels', 'list'].map(shown)).toEqual([undefined, undefined, 'list'])
  })

  it('does not keep an answer that was asked for before its subject was dropped', () => {
    const { cache, shown } = setUp()
    const [old, other] = [cache.begin('page'), cache.begin('other')]
    cache.drop('mug')
    expect(old.keep(answer('old', 'mug')).body.toString()).toBe('old')
    other.keep(answer('other', 'cup'))
    expect([shown('page'), shown('other')]).toEqual([undefined, 'other'])
    cache.begin('page').keep(answer('new', 'mug'))
    expect(shown('page')).toBe('new')
  })

  it('lets requests join one that is under way, but not across an event about it and not after a second', async () => {
    const { cache, wait } = setUp()
    expect(cache.join('page')).toBeUndefined()
    const fill = cache.begin('page')
    const before = cache.join('page')
    cache.drop('cup')
    const after = cache.join('page')
    fill.keep(answer('first', 'mug'))
    fill.end()
    expect((await before)?.body.toString()).toBe('first')
    expect((await after)?.body.toString()).toBe('first')

    const old = cache.begin('page')
    cache.drop('mug')
    const late = cache.join('page')
    old.keep(answer('old', 'mug'))
    expect(await late).toBeUndefined()

    const third = cache.begin('page')
    wait(MAX_AGE_MS)
    expect(cache.join('page')).toBeUndefined()
    third.end()
    cache.begin('page')
    cache.clear()
    expect(cache.join('page')).toBeUndefined()
  })

  it('gives those that joined nothing where nothing was kept', async () => {
    const { cache } = setUp()
    const fill = cache.begin('page')
    const joined = cache.join('page')
    fill.end()
    expect(await joined).toBeUndefined()
  })

  it('keeps the answer that was asked for last, in whatever order answers come', () => {
    const { cache, shown, wait } = setUp()
    const first = cache.begin('page')
    wait(10)
    const second = cache.begin('page')
    second.keep(answer('second', 'mug'))
    first.keep(answer('first', 'mug'))
    expect(shown('page')).toBe('second')
  })

  it('holds no more bytes than it may, nothing after it was cleared, and no fill of before', () => {
    const { cache, shown } = setUp({ maxBytes: 10_000 })
    for (const key of ['a', 'b', 'c']) cache.begin(key).keep(answer(key.repeat(2_000), key))
    expect(['a', 'b', 'c'].map((key) => shown(key) !== undefined)).toEqual([false, true, true])
    const fill = cache.begin('d')
    cache.clear()
    fill.keep(answer('d', 'd'))
    expect(['b', 'c', 'd'].map(shown)).toEqual([undefined, undefined, undefined])
  })

  it('forgets no drop, however many there are', () => {
    const { cache, shown } = setUp()
    cache.begin('page').keep(answer('old', 'mug'))
    cache.drop('mug')
    for (let turn = 0; turn < 10_001; turn++) cache.drop(`other-${turn}`)
    expect(shown('page')).toBeUndefined()
    cache.begin('page').keep(answer('new', 'mug'))
    for (let turn = 0; turn < 9_000; turn++) cache.drop(`more-${turn}`)
    expect(shown('page')).toBe('new')
  })
})
