import { Type } from 'typebox'
import { describe, expect, it } from 'vitest'
import { closeObjects, relaxDefaults, pick, simplifyUnions } from './schemas.ts'

describe('a simplified schema', () => {
  it('writes a choice of constants as an enum', () => {
    const schema = simplifyUnions(
      Type.Union([Type.Literal('a'), Type.Literal('b')], { description: 'which' }),
    )
    expect(schema).toEqual({ type: 'string', enum: ['a', 'b'], description: 'which' })
  })

  it('writes "or null" as a list of types, wherever it stands', () => {
    const schema = simplifyUnions(
      Type.Object({
        next: Type.Union([Type.String({ maxLength: 3 }), Type.Null()]),
        kinds: Type.Array(Type.Union([Type.Literal('a'), Type.Null()])),
      }),
    )
    expect(schema.properties).toEqual({
      next: { type: ['string', 'null'], maxLength: 3 },
      kinds: { type: 'array', items: { type: ['string', 'null'], enum: ['a', null] } },
    })
  })

  it('leaves a choice of shapes alone', () => {
    const schema = Type.Union([Type.Object({ a: Type.String() }), Type.Null()])
    expect(simplifyUnions(schema)).toEqual(schema)
  })
})

describe('a closed schema', () => {
  it('refuses unknown properties at every depth, unless the author allows them', () => {
    const schema = closeObjects(
      Type.Object({
        list: Type.Array(Type.Object({ a: Type.String() })),
        open: Type.Object({ a: Type.String() }, { additionalProperties: true }),
        free: Type.Record(Type.String(), Type.String()),
      }),
    )
    expect(schema).toMatchObject({
      additionalProperties: false,
      properties: { list: { items: { additionalProperties: false } }, open: { additionalProperties: true } },
    })
    expect(schema.properties?.['free']).not.toHaveProperty('additionalProperties')
  })

  it('closes an intersection as a whole', () => {
    const schema = closeObjects(
      Type.Intersect([
        Type.Object({ a: Type.String() }),
        Type.Object({ b: Type.Object({ c: Type.String() }) }),
      ]),
    )
    expect(schema).toMatchObject({ unevaluatedProperties: false })
    expect(schema.allOf?.[0]).not.toHaveProperty('additionalProperties')
    expect(schema.allOf?.[1]).toMatchObject({ properties: { b: { additionalProperties: false } } })
  })
})

it('what has a default is not required', () => {
  const schema = relaxDefaults(Type.Object({ a: Type.String(), limit: Type.Integer({ default: 20 }) }))
  expect(schema['required']).toEqual(['a'])
})

it('picks what a schema names, and nothing that it does not', () => {
  const schema = Type.Object({
    id: Type.String(),
    lines: Type.Array(Type.Object({ sku: Type.String() })),
    attributes: Type.Record(Type.String(), Type.String()),
    owner: Type.Union([Type.Object({ name: Type.String() }), Type.Null()]),
  })
  const value = {
    id: 7,
    passwordHash: 'x',
    lines: [{ sku: 'A', cost: 1 }],
    attributes: { colour: 'blue' },
    owner: { name: 'A', secret: 1 },
  }
  expect(pick(schema, value)).toEqual({
    id: 7,
    lines: [{ sku: 'A' }],
    attributes: { colour: 'blue' },
    owner: { name: 'A' },
  })
})
