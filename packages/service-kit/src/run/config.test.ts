import { Type } from 'typebox'
import { describe, expect, it } from 'vitest'
import { ConfigError, loadConfig } from './config.ts'

const Config = Type.Object({
  PORT: Type.Integer({ minimum: 1, maximum: 65_535, default: 3000 }),
  DATABASE_URL: Type.String({ minLength: 1 }),
  VERBOSE: Type.Boolean({ default: false }),
  LOG_LEVEL: Type.Union([Type.Literal('info'), Type.Literal('debug')], { default: 'info' }),
  PROXY: Type.Optional(Type.String()),
  INTERNAL_TOKEN: Type.String({ minLength: 12, secret: true, devDefault: 'development-only' }),
})

const faultsOf = (env: Record<string, string>) => {
  try {
    loadConfig(Config, env)
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
  }
  return []
}

describe('a configuration', () => {
  it('is typed, with defaults, and without what nobody asked for', () => {
    expect(
      loadConfig(Config, { DATABASE_URL: 'mysql://x', VERBOSE: 'true', PORT: '8080', HOME: '/root' }),
    ).toEqual({
      PORT: 8080,
      DATABASE_URL: 'mysql://x',
      VERBOSE: true,
      LOG_LEVEL: 'info',
      INTERNAL_TOKEN: 'development-only',
    })
  })

  it('takes an empty variable for an absent one', () => {
    expect(loadConfig(Config, { DATABASE_URL: 'x', PORT: '', PROXY: '' })).toMatchObject({ PORT: 3000 })
    expect(faultsOf({ DATABASE_URL: '' })).toEqual(['DATABASE_URL is required'])
  })

  it('reports all faults at once, and no value', () => {
    const faults = faultsOf({
      PORT: '99999',
      VERBOSE: 'perhaps',
      LOG_LEVEL: 'loud',
      INTERNAL_TOKEN: 'short-pass',
    })
    expect(faults.map((fault) => fault.split(' ', 1)[0]).sort()).toEqual([
      'DATABASE_URL',
      'INTERNAL_TOKEN',
      'LOG_LEVEL',
      'PORT',
      'VERBOSE',
    ])
    expect(faults.join()).not.toMatch(/99999|perhaps|loud|short-pass/)
  })

  it.each(['1.5', '1e99', 'abc', '0x', ' '])('does not take %j for a whole number', (PORT) => {
    expect(faultsOf({ DATABASE_URL: 'x', PORT })).toHaveLength(1)
  })
})

describe('in production a secret', () => {
  const production = { NODE_ENV: 'production', DATABASE_URL: 'x' }

  it('must be set', () => {
    expect(faultsOf(production)).toEqual(['INTERNAL_TOKEN must be set in production'])
  })

  it('must not be the default of development', () => {
    expect(faultsOf({ ...production, INTERNAL_TOKEN: 'development-only' })).toEqual([
      'INTERNAL_TOKEN must not be the development default in production',
    ])
  })

  it('is fine when it is one of its own', () => {
    expect(loadConfig(Config, { ...production, INTERNAL_TOKEN: 'a-real-secret' })).toMatchObject({
      INTERNAL_TOKEN: 'a-real-secret',
    })
  })
})
