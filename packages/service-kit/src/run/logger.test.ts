import { runWithCorrelation } from '@storewright/messaging/correlation'
import { expect, it } from 'vitest'
import { createLogger } from './logger.ts'

const logged = (write: (logger: ReturnType<typeof createLogger>) => void) => {
  const lines: string[] = []
  write(createLogger({ name: 'test', level: 'debug' }, { write: (line: string) => void lines.push(line) }))
  return { text: lines.join(''), line: JSON.parse(lines[0] ?? '{}') as Record<string, unknown> }
}

it.each([
  { headers: { authorization: 'Bearer s3cret', cookie: 's3cret', 'x-order-token': 's3cret' } },
  {
    body: {
      password: 's3cret',
      newPassword: 's3cret',
      deep: { refreshToken: 's3cret', accessToken: 's3cret' },
    },
  },
  { user: { email: 's3cret', customerEmail: 's3cret' }, cartId: 's3cret' },
  { list: [{ apiSecret: 's3cret' }] },
])('keeps secrets out: %j', (fields) => {
  expect(logged((logger) => logger.info(fields, 'message')).text).not.toContain('s3cret')
})

it('keeps e-mail addresses out of texts and errors', () => {
  const error = Object.assign(new Error("Duplicate entry 's3cret' for key 'users.email'"), {
    errno: 1062,
    sql: "insert into users values ('s3cret')",
    sqlMessage: "Duplicate entry 's3cret' for key 'users.email'",
  })
  const { text, line } = logged((logger) =>
    logger.error({ err: error, note: 'ann@example.com' }, 'for ann@example.com'),
  )

  expect(text).not.toMatch(/s3cret|ann@/)
  expect(line['err']).toMatchObject({ type: 'Error', errno: 1062 })
})

it('keeps a stack readable', () => {
  const error = new Error('no')
  error.stack =
    'Error: no\n    at run (/app/node_modules/.pnpm/fastify@5.12.8/node_modules/fastify/lib/reply.js:1:2)'
  expect(logged((logger) => logger.error({ err: error })).text).toContain('fastify@5.12.8/node_modules')
})

it('logs the causes of an error', () => {
  const error = new Error('outer', { cause: new Error('inner for bob@example.com') })
  const { line } = logged((logger) => logger.error({ err: error }))
  expect(line['err']).toMatchObject({ message: 'outer', cause: { message: 'inner for [e-mail]' } })
})

it('carries the correlation id', () => {
  const { line } = logged((logger) => runWithCorrelation({ correlationId: 'abc' }, () => logger.info('x')))
  expect(line).toMatchObject({ correlationId: 'abc', level: 'info', name: 'test' })
})
