import { describe, expect, it } from 'vitest'
import { nameKeyOf, parsePath, pathKeyOf, treeOf, type CountedCategory } from './category.ts'

describe('category paths', () => {
  it('are names from the root, whatever the spacing', () => {
    expect(parsePath('Home >  Kitchen & Dining>Mugs ')).toEqual({
      names: ['Home', 'Kitchen & Dining', 'Mugs'],
    })
  })

  it('have at most ten names, none empty or too long', () => {
    expect(parsePath('Home > > Mugs')).toHaveProperty('fault')
    expect(parsePath('x'.repeat(101))).toHaveProperty('fault')
    expect(parsePath(Array(11).fill('a').join('>'))).toHaveProperty('fault')
  })

  it('name the same category whatever the case', () => {
    expect(pathKeyOf(['Home', 'Kitchen'])).toBe(pathKeyOf(['HOME', 'kitchen']))
    expect(nameKeyOf(' E\u0301tage  un ')).toBe(nameKeyOf('étage un'))
  })
})

it('nests categories under their parents and keeps their order', () => {
  const row = (id: string, parentId: string | null): CountedCategory => ({
    id,
    parentId,
    slug: id,
    name: id,
    position: 0,
    version: 1,
    productCount: 0,
  })
  const tree = treeOf([row('b', 'a'), row('a', null), row('c', 'a'), row('d', 'b')])
  expect(tree).toMatchObject([
    {
      id: 'a',
      children: [
        { id: 'b', children: [{ id: 'd', children: [] }] },
        { id: 'c', children: [] },
      ],
    },
  ])
})
