import type { EventContract } from '@storewright/contracts'
import { Compile } from 'typebox/compile'
import type { TObject } from 'typebox'

interface Check {
  check(data: unknown): boolean
  faults(data: unknown): string[]
}

const compiled = new WeakMap<TObject, Check>()

const compile = (schema: TObject): Check => {
  const validator = Compile(schema)
  return {
    check: (data) => validator.Check(data),
    // Paths and rules only: the values may be personal, and this text ends up in logs.
    faults: (data) =>
      validator
        .Errors(data)
        .slice(0, 10)
        .map(({ instancePath, message }) => `${instancePath || '/'} ${message}`),
  }
}

/** What is wrong with `data` by its contract; empty when nothing is. */
export const faultsOf = <Data extends TObject>({ data: schema }: EventContract<Data>, data: unknown) => {
  let validator = compiled.get(schema)
  if (!validator) compiled.set(schema, (validator = compile(schema)))
  return validator.check(data) ? [] : validator.faults(data)
}
