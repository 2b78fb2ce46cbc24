import { ProductChanged } from '@storewright/contracts'
import { describe, expect, it } from 'vitest'
import { anId, counts, gbp, useCatalog, type Answer } from './harness.ts'

const catalog = useCatalog()

const productEvents = async () => (await catalog.emitted(ProductChanged)).length

describe('a CSV import', () => {
  it('rejects lines one by one with their errors and imports the rest', async () => {
    const answer = await catalog.importCsv(
      // In Latin-1, so that the pound sign is no UTF-8.
      Buffer.from(
        [
          'sku,name,price,currency,category',
          'BAD-1,Good,1,GBP,',
          'BAD-2,No price,,,',
          'BAD-3,Comma,"1,5",GBP,',
          'BAD-4,Currency,1,ABC,',
          'BAD-5,Negative,-1,GBP,',
          'B AD,Sku,1,GBP,',
          'BAD-7,Too,many,fields,,here',
          'BAD-8,Latin \xa3,1,GBP,',
          'BAD-9,"Open,1,GBP,',
          'BAD-1,Again,2,GBP,',
          'BAD-11,,1,GBP,',
          'BAD-12,Path,1,GBP,Only here > > gap',
          'BAD-13,Also good,1,GBP,',
          'BAD-14,An\x1bescape,1,GBP,',
          'BAD-15,Category,1,GBP,Only\x1bhere',
        ].join('\n'),
        'latin1',
      ),
    )
    expect(counts(answer)).toEqual([2, 0, 0, 13])
    const errors = answer.body.rejected as { line: number; errors: { path: string; message: string }[] }[]
    const paths = errors.map((rejected) => [rejected.line, rejected.errors.map(({ path }) => path).join()])
    expect(paths).toHaveLength(13)
    expect(Object.fromEntries(paths)).toEqual({
      3: 'price',
      4: 'price',
      5: 'currency',
      6: 'price',
      7: 'sku',
      8: '',
      9: '',
      10: '',
      11: 'sku',
      12: 'name',
      13: 'category',
      15: 'name',
      16: 'category',
    })
    expect(errors[8]!.errors[0]!.message).toContain('line 2')
    expect((await catalog.get('/v1/categories/only-here')).status).toBe(404)
    expect(await productEvents()).toBe(2)
  })

  it('rejects a second line for a SKU also in a long file', async () => {
    const rows = Array.from({ length: 600 }, (_, index) => `LONG-${index},Long ${index},1,GBP`)
    const answer = await catalog.importCsv(
      `sku,name,price,currency\n${rows.join('\n')}\nlong-0,Again,2,GBP\n`,
    )
    expect(counts(answer)).toEqual([600, 0, 0, 1])
    expect(answer.body.rejected).toMatchObject([
      { line: 602, errors: [{ message: expect.stringContaining('line 2') }] },
    ])
    expect(await catalog.db.selectFrom('import_rows').selectAll().execute()).toEqual([])
  })

  it('lists 1,000 rejected lines in its report and all of them by pages, until it runs again', async () => {
    const id = anId()
    const file = `sku,name\n${'!,x\n'.repeat(1_500)}`
    const send = (body: string, dryRun: boolean) =>
      catalog.send('POST', `/v1/products/import?dryRun=${dryRun}`, {
        as: 'staff',
        headers: { 'content-type': 'text/csv', 'idempotency-key': id },
        body,
      })
    const problems = async () => {
      const found: Answer['body']['rejected'] = []
      for (let cursor: string | null = ''; cursor !== null;) {
        const path = `/v1/product-imports/${id}/problems?limit=100${cursor && `&cursor=${cursor}`}`
        const { body } = (await catalog.get(path, 'staff')) as unknown as {
          body: { items: typeof found; nextCursor: string | null }
        }
        found.push(...body.items)
        cursor = body.nextCursor
      }
      return found
    }
    // Its header refuses the file as a whole, so that it may be sent again.
    expect((await send('colour\nblue\n', true)).status).toBe(400)
    const answer = await send(file, true)
    expect(answer.body.rejectedCount).toBe(1_500)
    expect(answer.body.rejected).toHaveLength(1_000)
    const all = await problems()
    expect(all.map(({ line }) => line)).toEqual(Array.from({ length: 1_500 }, (_, at) => at + 2))
    expect(all.slice(0, 1_000)).toEqual(answer.body.rejected)
    // As if it had failed.
    await catalog.db.updateTable('imports').set({ state: 'failed' }).where('id', '=', id).execute()
    await send('sku,name\nfine\n!,x\n', true)
    expect((await problems()).map(({ line }) => line)).toEqual([2, 3])
    expect((await catalog.get(`/v1/product-imports/${anId()}/problems`, 'staff')).status).toBe(404)
    expect((await catalog.get(`/v1/product-imports/${id}/problems`, 'customer')).status).toBe(403)
  })

  it('is refused as a whole for its header, content type or encoding, and creates nothing', async () => {
    for (const [content, path] of [
      ['', ''],
      ['sku,colour\nA,b\n', 'colour'],
      ['name\nA\n', 'sku'],
      ['sku,sku\nA,B\n', 'sku'],
      ['"sku\nA\n', ''],
    ]) {
      const answer = await catalog.importCsv(content!)
      expect(answer.status, content).toBe(400)
      expect(answer.body.errors[0]?.path).toBe(path)
    }
    for (const type of [
      'application/json',
      'text/plain',
      'text/csv; charset=latin1',
      'multipart/form-data; boundary=x',
    ])
      expect((await catalog.importCsv('sku\nA\n', type)).status, type).toBe(415)
    const nothing = await catalog.send('POST', '/v1/products/import', { as: 'staff' })
    expect(nothing.status).toBe(415)
    const packed = await catalog.send('POST', '/v1/products/import', {
      as: 'staff',
      headers: { 'content-type': 'text/csv', 'content-encoding': 'gzip' },
      body: 'sku\nA\n',
    })
    expect(packed.status).toBe(415)
    expect(await productEvents()).toBe(0)
  })
})

describe('an NDJSON import', () => {
  it('rejects lines one by one with the field of each error', async () => {
    const lamp = { name: 'Lamp', slug: 'lamp', variants: [{ sku: 'ND-1', price: gbp(2000) }] }
    expect(counts(await catalog.importNdjson([lamp]))).toEqual([1, 0, 0, 0])
    await catalog.importCsv('sku,name,price,currency\nIMP-1,Mug,1,GBP')
    const body = [
      '{"name":"Broken',
      JSON.stringify({ name: 'No variants' }),
      '',
      JSON.stringify({ name: 'Slug taken', slug: 'lamp', variants: [{ sku: 'ND-9', price: gbp(1) }] }),
      JSON.stringify({ name: 'Two owners', variants: [{ sku: 'ND-1' }, { sku: 'IMP-1' }] }),
      JSON.stringify({ name: 'Category', categoryIds: [anId()], variants: [{ sku: 'ND-7', price: gbp(1) }] }),
      JSON.stringify({ variants: [{ sku: 'ND-8', price: gbp(1) }] }),
    ].join('\n')
    const answer = await catalog.importCsv(body, 'application/x-ndjson')
    expect(answer.body.rejected.map((rejected) => [rejected.line, rejected.errors[0]?.path])).toEqual([
      [1, ''],
      [2, 'variants'],
      [5, 'variants.1.sku'],
      [6, 'categoryIds.0'],
      [7, 'name'],
    ])
    // Another SKU under the slug of a product is one more variant of it.
    expect(counts(answer)).toEqual([1, 0, 0, 5])
  })
})
