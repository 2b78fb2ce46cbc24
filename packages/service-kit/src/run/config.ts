import type { Static, TObject } from 'typebox'
import { closeObjects, simplifyUnions } from '../schema/schemas.ts'
import { compileSchema, fieldErrors } from '../schema/validation.ts'

/** All faults in one message, values left out. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly faults: string[]
  constructor(faults: string[]) {
    super(`the configuration is not usable: ${faults.join('; ')}`)
    this.faults = faults
  }
}

interface Secret {
  secret?: boolean
  /** Used when nothing is set, but never in production. */
  devDefault?: string
}

/** An empty variable counts as absent. A `secret` with a `devDefault` must be set to something else in production. */
export const loadConfig = <Config extends TObject>(
  schema: Config,
  env: Record<string, string | undefined> = process.env,
): Static<Config> => {
  const production = env['NODE_ENV'] === 'production'
  const values: Record<string, unknown> = {}
  const faults: string[] = []
  for (const [name, field] of Object.entries(schema.properties)) {
    const { devDefault } = field as Secret
    const value = env[name] === '' ? undefined : env[name]
    if (value !== undefined) values[name] = value
    if (devDefault === undefined) continue
    if (!production) values[name] ??= devDefault
    else if (value === undefined) faults.push(`${name} must be set in production`)
    else if (value === devDefault) faults.push(`${name} must not be the development default in production`)
  }

  const result = compileSchema(closeObjects(simplifyUnions(schema)), { coerce: true })(values)
  if ('error' in result) {
    const reported = new Set(faults.map((fault) => fault.split(' ', 1)[0]))
    for (const { path, message } of fieldErrors(result.error)) {
      if (!reported.has(path)) faults.push(`${path} ${message}`)
    }
  }
  if (faults.length > 0) throw new ConfigError(faults)
  return values as Static<Config>
}
