import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import type { Db } from '../src/database.ts'
import { indexQueued } from '../src/products/search-text.ts'
import { rebuildListings } from '../src/products/rebuild-listings.ts'
import { countWordChanges, deleteEmptyWords } from '../src/search/maintain-words.ts'
import { searchProducts } from '../src/search/search-products.ts'
import { gbp, useCatalog } from './harness.ts'

const catalog = useCatalog()

const find = async (q: string) => {
  const found = await searchProducts(catalog.db, q)
  return found.kind === 'found' ? found.candidates.map(({ id }) => id) : []
}

const make = async (name: string, more: Record<string, unknown> = {}) =>
  (await catalog.makeProduct({ name, ...more }, { publish: false })).id

const makeCategory = async (name: string, parentId: string | null = null) =>
  (await catalog.send('POST', '/v1/categories', { as: 'staff', body: { name, parentId } })).body.id

const settle = async () => {
  while (await indexQueued(catalog.db)) continue
  while (await countWordChanges(catalog.db)) continue
}

const countStatements = async (run: (db: Db) => Promise<unknown>) => {
  let count = 0
  const counting = catalog.db.withPlugin({
    transformQuery: ({ node }) => node,
    transformResult: ({ result }) => {
      count += 1
      return Promise.resolve(result)
    },
  })
  await run(counting)
  return count
}

const documentsWith = async (word: string) =>
  (
    await catalog.db
      .selectFrom('search_words')
      .select('documents')
      .where('word', '=', word)
      .executeTakeFirst()
  )?.documents

describe('what a search finds', () => {
  it('finds names whatever the language, the case, the accents and the typing errors', async () => {
    const names = {
      'Große Tasse': ['GROSSE', 'grosse', 'große', 'gros', 'grose tase', 'tasse grosse', 'tsase'],
      'Kapı Kolu': ['kapi', 'KAPI', 'kapı kolu'],
      日本製マグカップ: ['マグカップ', '日本製', 'ﾏｸﾞｶｯﾌﾟ', '日'],
      "Levi's 501": ['levis', 'levi’s', "LEVI'S 501", 'levi'],
      'Gr.49': ['gr49', 'gr.49', 'gr 49', 'GR-49'],
      แก้วน้ำเซรามิก: ['แก้ว', 'เซรามิก'],
      'Елка новогодняя': ['ёлка', 'ЁЛКА', 'новогодня'],
    }
    for (const [name, queries] of Object.entries(names)) {
      const id = await make(name)
      for (const q of queries) expect([q, await find(q)]).toEqual([q, expect.arrayContaining([id])])
    }
  })

  it('finds by SKU, variant, attribute and the categories above', async () => {
    const kitchen = await makeCategory('Küchengeräte')
    const id = await make('Topf', {
      categoryIds: [await makeCategory('Kochgeschirr', kitchen)],
      attributes: { material: 'Edelstahl' },
      variants: [{ sku: 'POT-15056/BL', name: 'Vierliter', price: gbp(1) }],
    })
    for (const q of [
      'pot15056bl',
      '15056',
      'vierliter',
      'edelstahl topf',
      'kochgeschirr',
      'kuchengerate',
      'edelstal',
    ])
      expect([q, await find(q)]).toEqual([q, [id]])
  })

  it('wants all words, and leaves out one that no product has', async () => {
    const [both, one] = [await make('Zinnkrug bemalt'), await make('Zinnkrug')]
    expect(await find('zinnkrug bemalt')).toEqual([both])
    expect(await find('zinnkrug qqqqqq')).toEqual([one, both])
    expect(await find('qqqqqq')).toEqual([])
  })

  it('answers whatever is typed, in at most four statements', async () => {
    for (const q of [
      '',
      ' ',
      '%_',
      '🎁',
      'a zz',
      'a',
      "'",
      '\\',
      'ab '.repeat(66),
      '日本'.repeat(100),
      'zinkrug bemahlt',
    ])
      expect(await countStatements((db) => searchProducts(db, q))).toBeLessThanOrEqual(4)
  })
})

describe('the index', () => {
  it('follows a product that is renamed, sold and deleted', async () => {
    const variants = [{ sku: catalog.nextSku(), name: 'Dreiliter', price: gbp(1) }]
    const id = await make('Samowar kupfern', { variants })
    await catalog.send('PATCH', `/v1/products/${id}`, { as: 'staff', body: { name: 'Samowar silbern' } })
    expect([await find('kupfern'), await find('silbern')]).toEqual([[], [id]])
    await settle()
    expect([await documentsWith('kupfern'), await documentsWith('silbern')]).toEqual([0, 1])
    await catalog.send('DELETE', `/v1/products/${id}`, { as: 'staff' })
    expect(await find('samowar')).toEqual([])
    await settle()
    await sql`update search_words set emptied_at = emptied_at - interval 2 hour`.execute(catalog.db)
    await deleteEmptyWords(catalog.db)
    expect(await documentsWith('samowar')).toBeUndefined()
    expect(await make('Samowar').then(async (again) => [again, await find('samowar')])).toEqual([
      expect.anything(),
      [expect.anything()],
    ])
  })

  it('follows a category that is renamed or moved, in batches', async () => {
    const [top, other] = [await makeCategory('Oberteil'), await makeCategory('Anderswo')]
    const below = await makeCategory('Darunter', top)
    const ids = []
    for (let index = 0; index < 3; index++) ids.push(await make(`Bluse ${index}`, { categoryIds: [below] }))
    await catalog.send('PATCH', `/v1/categories/${top}`, { as: 'staff', body: { name: 'Hauptsache' } })
    await settle()
    expect([await find('oberteil'), (await find('hauptsache')).sort()]).toEqual([[], ids.sort()])
    await catalog.send('PATCH', `/v1/categories/${below}`, { as: 'staff', body: { parentId: other } })
    await settle()
    expect([await find('hauptsache'), (await find('anderswo')).sort()]).toEqual([[], ids.sort()])
  })

  it('is made of what is there: at the first start, and by a rebuild', async () => {
    const id = await make('Wiederkehr')
    const empty = async () => {
      for (const table of [
        'search_words',
        'search_spellings',
        'search_postings',
        'search_documents',
      ] as const)
        await catalog.db.deleteFrom(table).execute()
    }
    await empty()
    expect(await find('wiederkehr')).toEqual([])
    await catalog.db.insertInto('search_queue').values({ category_id: '', after_product: '' }).execute()
    await settle()
    expect(await find('wiederkehr')).toEqual([id])
    await empty()
    await rebuildListings(catalog.db)
    expect(await find('wiederkehr')).toEqual([id])
  })

  it('takes products of the same new words from eight writers at once', async () => {
    const words = ['Zitrone', 'Apfel', 'Melone', 'Birne', 'Quitte']
    const ids = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        make([...words.slice(index % 5), ...words.slice(0, index % 5)].join(' ')),
      ),
    )
    await settle()
    expect((await find('quitte apfel')).sort()).toEqual(ids.sort())
    expect(await documentsWith('zitrone')).toBe(40)
  })
})

describe('words whose counts are behind', () => {
  it('lose no product: where more are read than fit, the search goes on in windows', async () => {
    for (const at of [1, 2, 3, 4]) await make(`Zebrastool striped ${at}`)
    await settle()
    await sql`update search_words set documents = 1 where word in ('zebrastool', 'striped')`.execute(
      catalog.db,
    )
    const limits = { simple: 3, checked: 3, firstWindow: 2, window: 2 }
    for (const q of ['zebrastool', 'zebrastool striped'])
      expect((await searchProducts(catalog.db, q, limits)).kind, q).toBe('broad')
    expect(await find('zebrastool striped')).toHaveLength(4)
  })
})
