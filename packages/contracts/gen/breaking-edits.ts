import type { Schema } from './schema.ts'

export interface EventPromise {
  type: string
  visibility: string
  schema: Schema
}

const ANNOTATIONS = new Set(['description', 'examples', 'title', 'default', '$comment'])
const COMPARED = new Set(['properties', 'required', 'items', 'anyOf'])

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

const compare = (before: Schema, after: Schema, path: string): string[] => {
  const faults: string[] = []
  const keywords = new Set([...Object.keys(before), ...Object.keys(after)])
  for (const keyword of keywords) {
    if (ANNOTATIONS.has(keyword) || COMPARED.has(keyword)) continue
    if (!same(before[keyword], after[keyword])) {
      faults.push(
        `${path}: ${keyword} was ${JSON.stringify(before[keyword])}, is ${JSON.stringify(after[keyword])}`,
      )
    }
  }

  for (const [name, property] of Object.entries(before.properties ?? {})) {
    const now = after.properties?.[name]
    if (now) faults.push(...compare(property, now, `${path}/${name}`))
    else faults.push(`${path}/${name}: was removed`)
  }
  for (const name of after.required ?? []) {
    if (before.required?.includes(name)) continue
    const known = before.properties?.[name] !== undefined
    faults.push(`${path}/${name}: ${known ? 'was optional and is required' : 'is new and required'}`)
  }
  for (const name of before.required ?? []) {
    if (after.properties?.[name] && !after.required?.includes(name))
      faults.push(`${path}/${name}: was required and is optional`)
  }

  if ((before.items === undefined) !== (after.items === undefined)) faults.push(`${path}: items changed`)
  else if (before.items && after.items) faults.push(...compare(before.items, after.items, `${path}/items`))

  const [choices, now] = [before.anyOf ?? [], after.anyOf ?? []]
  if (choices.length !== now.length) faults.push(`${path}: had ${choices.length} choices, has ${now.length}`)
  else
    choices.forEach((choice, index) =>
      faults.push(...compare(choice, now[index] ?? {}, `${path}/anyOf/${index}`)),
    )
  return faults
}

/** The edits that break consumers: all but a new optional field and a new event. Those need a new version. */
export const findBreakingEdits = (
  before: readonly EventPromise[],
  after: readonly EventPromise[],
): string[] =>
  before.flatMap((was) => {
    const is = after.find(({ type }) => type === was.type)
    if (!is) return [`${was.type}: was removed`]
    const hidden = was.visibility === 'public' && is.visibility !== 'public'
    return [
      ...(hidden ? [`${was.type}: was public and is ${is.visibility}`] : []),
      ...compare(was.schema, is.schema, was.type),
    ]
  })
