import { expect, it } from 'vitest'
import { anId, counts, useCatalog, type Answer } from './harness.ts'

const catalog = useCatalog()

const send = (method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', url: string, body?: Record<string, unknown>) =>
  catalog.send(method, url, { as: 'staff', ...(body && { body }) })
const volume = (type: string) => [{ name: 'Volume', type }]

const addCategory = async (type?: string, parentId: string | null = null) => {
  const { id, name } = (await send('POST', '/v1/categories', { name: `Category ${anId()}`, parentId })).body
  if (type) await send('PUT', `/v1/categories/${id}/attributes`, { items: volume(type) })
  return { id, name }
}
const addProduct = async (body: Record<string, unknown>) => {
  const sku = catalog.nextSku()
  const variants = [{ sku, price: { amount: 1, currency: 'GBP' } }]
  return { sku, id: (await send('POST', '/v1/products', { name: 'Racer', variants, ...body })).body.id }
}

/** A place without definitions, a product with a text, and where a number is wanted. */
const aPlace = async () => {
  const [place, home, product] = [
    await addCategory(),
    await addCategory('number'),
    await addProduct({ attributes: { Volume: 'large' } }),
  ]
  return {
    place,
    product,
    enter: () => send('PATCH', `/v1/products/${product.id}`, { categoryIds: [place.id] }),
    move: () => send('PATCH', `/v1/categories/${place.id}`, { parentId: home.id }),
    define: () => send('PUT', `/v1/categories/${place.id}/attributes`, { items: volume('number') }),
    remove: () => send('DELETE', `/v1/categories/${place.id}`),
    line: (category: string) =>
      catalog.importCsv(
        `sku,name,price,currency,category,attributes.Volume\n${catalog.nextSku()},A,1,GBP,${category},large`,
      ),
  }
}
type Racer = () => Promise<Answer>

const races: [what: string, outcomes: string[], prepare: () => Promise<[Racer, Racer]>][] = [
  [
    'a product enters a category that moves below another type of its attribute',
    ['200 409', '422 200'],
    async () => {
      const { enter, move } = await aPlace()
      return [enter, move]
    },
  ],
  [
    'a product enters a category whose definition changes',
    ['200 409', '422 200'],
    async () => {
      const { enter, define } = await aPlace()
      return [enter, define]
    },
  ],
  [
    'a product enters two categories of which one moves below another type',
    ['200 409', '422 200'],
    async () => {
      const { place, move } = await aPlace()
      const [texts, { id }] = [await addCategory('text'), await addProduct({})]
      return [() => send('PATCH', `/v1/products/${id}`, { categoryIds: [texts.id, place.id] }), move]
    },
  ],
  [
    'a product is made in a category that moves',
    ['201 409', '422 200'],
    async () => {
      const { place, move } = await aPlace()
      const body = { name: 'New', categoryIds: [place.id], attributes: { Volume: 'large' } }
      return [() => send('POST', '/v1/products', body), move]
    },
  ],
  [
    'a variant gets an attribute whose definition changes',
    ['200 409', '422 200'],
    async () => {
      const { place, define } = await aPlace()
      const { sku } = await addProduct({ categoryIds: [place.id] })
      return [() => send('PATCH', `/v1/variants/${sku}`, { attributes: { Volume: 'large' } }), define]
    },
  ],
  [
    'a product is imported into a category that moves',
    ['200 1,0,0,0 409', '200 0,0,0,1 200', '200 1,0,0,0 200'],
    async () => {
      const { place, line, move } = await aPlace()
      return [() => line(place.name), move]
    },
  ],
  [
    'a product is imported into a new category below one whose definition changes',
    ['200 1,0,0,0 409', '200 0,0,0,1 200'],
    async () => {
      const { place, line, define } = await aPlace()
      return [() => line(`${place.name} > Below`), define]
    },
  ],
  [
    'a product enters a category that is deleted',
    ['200 409', '422 204'],
    async () => {
      const { enter, remove } = await aPlace()
      return [enter, remove]
    },
  ],
  [
    'a product is imported into a category that is deleted',
    ['200 1,0,0,0 409', '200 1,0,0,0 204'],
    async () => {
      const { place, line, remove } = await aPlace()
      return [() => line(place.name), remove]
    },
  ],
  [
    'two categories move below each other',
    ['200 422', '422 200'],
    async () => {
      const [a, b] = [await addCategory(), await addCategory()]
      return [
        () => send('PATCH', `/v1/categories/${a.id}`, { parentId: b.id }),
        () => send('PATCH', `/v1/categories/${b.id}`, { parentId: a.id }),
      ]
    },
  ],
]

const outcome = (answer: Answer) =>
  answer.body?.rejectedCount === undefined ? `${answer.status}` : `${answer.status} ${counts(answer).join()}`

it.each(races)('ends as if one came after the other when %s', async (_what, outcomes, prepare) => {
  const pairs = await Promise.all(Array.from({ length: 4 }, prepare))
  const met = await Promise.all(
    pairs.map(async ([one, other], index) => {
      // Both orders of arrival.
      if (index % 2 === 0) return (await Promise.all([one(), other()])).map(outcome).join(' ')
      return (await Promise.all([other(), one()])).reverse().map(outcome).join(' ')
    }),
  )
  expect(met.filter((pair) => !outcomes.includes(pair))).toEqual([])
})
