import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { Type, type TObject, type TProperties } from 'typebox'
import { describe, expect, it } from 'vitest'
import { findBreakingEdits } from '../gen/breaking-edits.ts'
import { plain } from '../gen/schema.ts'
import { committedPromises, currentPromises } from '../gen/snapshot.ts'

const promise = (schema: TObject, visibility = 'public') => [
  { type: 'shop.thing-done.v1', visibility, schema: plain(schema) },
]

const fields = {
  id: Type.String(),
  note: Type.Optional(Type.String()),
  lines: Type.Array(Type.Object({ sku: Type.String(), quantity: Type.Integer({ minimum: 1 }) })),
  state: Type.Union([Type.Literal('on'), Type.Literal('off')]),
}
const before = promise(Type.Object(fields))
const after = (edit: TProperties) => findBreakingEdits(before, promise(Type.Object({ ...fields, ...edit })))

describe('an edit of a contract', () => {
  it('may add optional fields at any depth and new events, and reword descriptions', () => {
    const line = Type.Object({
      sku: Type.String({ description: 'the article' }),
      quantity: Type.Integer({ minimum: 1 }),
      gift: Type.Optional(Type.Boolean()),
    })
    expect(after({ extra: Type.Optional(Type.Integer()), lines: Type.Array(line) })).toEqual([])
    expect(findBreakingEdits([], before)).toEqual([])
  })

  it.each([
    ['a removed field', { note: undefined }, '/note: was removed'],
    ['a new required field', { extra: Type.String() }, '/extra: is new and required'],
    [
      'an optional field that becomes required',
      { note: Type.String() },
      '/note: was optional and is required',
    ],
    ['a required field that becomes optional', { id: Type.Optional(Type.String()) }, '/id: was required'],
    ['another type', { id: Type.Integer() }, '/id: type was "string", is "integer"'],
    ['a tighter limit', { id: Type.String({ maxLength: 5 }) }, '/id: maxLength'],
    [
      'another choice',
      { state: Type.Union([Type.Literal('on'), Type.Literal('of')]) },
      '/state/anyOf/1: const',
    ],
    [
      'a change inside a list',
      { lines: Type.Array(Type.Object({ sku: Type.String(), quantity: Type.Integer() })) },
      '/lines/items/quantity: minimum',
    ],
  ])('is refused when it brings %s', (_, edit, message) => {
    const kept = Object.fromEntries(Object.entries({ ...fields, ...edit }).filter(([, field]) => field))
    const faults = findBreakingEdits(before, promise(Type.Object(kept as typeof fields)))
    expect(faults).toHaveLength(1)
    expect(faults[0]).toContain(message)
  })

  it('is refused when it removes an event or makes it internal', () => {
    expect(findBreakingEdits(before, [])).toEqual(['shop.thing-done.v1: was removed'])
    expect(findBreakingEdits(before, promise(Type.Object(fields), 'internal'))[0]).toContain('was public')
    expect(findBreakingEdits(promise(Type.Object(fields), 'internal'), before)).toEqual([])
  })
})

describe('the committed snapshot', () => {
  it('equals what the contracts promise', () => {
    expect(findBreakingEdits(committedPromises(), currentPromises())).toEqual([])
    expect(committedPromises().map(({ type }) => type)).toEqual(currentPromises().map(({ type }) => type))
  })

  it('shows a breaking edit that is planted', () => {
    const planted = currentPromises().map((one) => ({ ...one, schema: structuredClone(one.schema) }))
    const [changed] = planted
    changed!.schema.properties!['planted'] = { type: 'string' }
    changed!.schema.required!.push('planted')
    expect(findBreakingEdits(committedPromises(), planted)).toEqual([
      `${changed!.type}/planted: is new and required`,
    ])
  })

  it('is up to date, and so are the generated documents and tables', () => {
    const script = join(import.meta.dirname, '..', 'gen', 'generate.ts')
    const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })
})
