import { randomUUID } from 'node:crypto'
import type { Call } from '@storewright/client'
import type { Operation } from '../document/openapi.ts'

const exampleOf = (content: NonNullable<Operation['requestBody']>['content']): Call => {
  const [[type, { example, examples = {} }] = ['', {}]] = Object.entries(content)
  const value = example ?? Object.values(examples)[0]?.value
  return type === 'application/json' ? { body: value } : { raw: { type, content: String(value) } }
}

/** A request as the document gives it for an example; ids that are not given lead nowhere. */
export const exampleRequest = (
  { path, operation }: { path: string; operation: Operation },
  ids: Record<string, string> = {},
) => {
  const call = operation.requestBody ? exampleOf(operation.requestBody.content) : {}
  const wantsKey = operation.parameters?.some(({ name, required }) => name === 'idempotency-key' && required)
  return {
    path: path.replace(
      /\{(\w+)\}/g,
      (_, name: string) => ids[name] ?? (name === 'sku' ? 'NOT-THERE' : randomUUID()),
    ),
    call: wantsKey ? { ...call, idempotencyKey: randomUUID() } : call,
  }
}
