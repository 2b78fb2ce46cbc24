import { UserRegistered } from '@storewright/contracts'
import { eventually } from '@storewright/testing'
import { expect, it } from 'vitest'
import { newEmail, PASSWORD, setUpUser } from './harness.ts'

const user = setUpUser()

it('creates an account, opens a session and emits the event', async () => {
  const spy = await user.vhost.spyOn(UserRegistered)
  const { status, body } = await user.post<{ user: { id: string }; tokens: { accessToken: string } }>(
    '/v1/auth/register',
    { email: ' Ada@Example.COM ', password: PASSWORD, name: ' Ada ' },
  )

  expect(status).toBe(201)
  expect(body).toMatchObject({
    user: { email: 'ada@example.com', name: 'Ada', roles: ['customer'] },
    tokens: { tokenType: 'Bearer', expiresIn: 900 },
  })
  expect(JSON.stringify(body)).not.toContain(PASSWORD)
  expect(await user.get('/v1/me', body.tokens.accessToken)).toMatchObject({
    status: 200,
    body: body.user,
  })
  await eventually(async () => (await spy.messages()).length > 0)
  expect(await spy.messages()).toMatchObject([{ data: { userId: body.user.id, roles: ['customer'] } }])
})

it('keeps passwords and refresh tokens as hashes only', async () => {
  const { body } = await user.register('hashed@example.com')
  const account = await user.db
    .selectFrom('users')
    .select('password_hash')
    .where('email', '=', 'hashed@example.com')
    .executeTakeFirstOrThrow()
  expect(account.password_hash).toMatch(/^\$2b\$04\$/)
  const tokens = await user.db.selectFrom('refresh_tokens').select('token_hash').execute()
  expect(tokens.map((row) => row.token_hash)).not.toContain(body.tokens.refreshToken)
})

it('refuses an address that differs only in case, spaces or composition', async () => {
  expect((await user.register('caf\u00e9@example.com')).status).toBe(201)
  for (const email of ['CAFE\u0301@example.com', '  caf\u00e9@EXAMPLE.com']) {
    expect(await user.register(email)).toMatchObject({
      status: 409,
      body: { type: 'urn:storewright:problem:email-taken', errors: [{ path: 'email' }] },
    })
  }
})

it('makes one account of twenty registrations at once', async () => {
  const email = newEmail()
  const answers = await Promise.all(Array.from({ length: 20 }, () => user.register(email)))

  expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(19).fill(409)])
  const accounts = await user.db.selectFrom('users').select('id').where('email', '=', email).execute()
  expect(accounts).toHaveLength(1)
  const sessions = await user.db
    .selectFrom('sessions')
    .select('id')
    .where('user_id', '=', accounts[0]!.id)
    .execute()
  expect(sessions).toHaveLength(1)
})

it.each<[string, Record<string, unknown>, number, string]>([
  ['no e-mail', { email: undefined }, 400, 'email'],
  ['no password', { password: undefined }, 400, 'password'],
  ['an e-mail of another type', { email: 42 }, 400, 'email'],
  ['an e-mail that is null', { email: null }, 400, 'email'],
  ['an e-mail that is none', { email: 'ada' }, 400, 'email'],
  ['an e-mail too long to exist', { email: `${'a'.repeat(300)}@example.com` }, 400, 'email'],
  ['an e-mail over 254 bytes', { email: `${'é'.repeat(125)}@example.com` }, 400, 'email'],
  ['a NUL in the e-mail', { email: 'ada\0@example.com' }, 400, 'email'],
  ['a line break in the e-mail', { email: 'ada\r\n@example.com' }, 400, 'email'],
  ['half a character in the e-mail', { email: 'ada\ud800@example.com' }, 400, 'email'],
  ['a short password', { password: 'hunter2' }, 400, 'password'],
  ['a password of an object', { password: { $ne: '' } }, 400, 'password'],
  ['a password of 73 bytes', { password: 'a'.repeat(73) }, 400, 'password'],
  ['a password of 74 bytes in 37 characters', { password: 'é'.repeat(37) }, 422, 'password'],
  ['a password of 1 MB', { password: 'a'.repeat(1_000_000) }, 400, 'password'],
  ['a common password', { password: 'Qwertyuiop1' }, 422, 'password'],
  ['a NUL in the password', { password: 'correct\0horse battery' }, 400, 'password'],
  ['a long name', { name: 'a'.repeat(201) }, 400, 'name'],
  ['a NUL in the name', { name: 'A\0da' }, 400, 'name'],
  ['an empty name', { name: '' }, 400, 'name'],
  ['a role', { roles: ['admin'] }, 400, 'roles'],
  ['a role in the singular', { role: 'admin' }, 400, 'role'],
  ['an id', { id: 'x' }, 400, 'id'],
  ['permissions', { permissions: ['stock:write'] }, 400, 'permissions'],
])('refuses %s and names the field', async (_what, change, status, path) => {
  const email = newEmail()
  const answer = await user.post('/v1/auth/register', { email, password: PASSWORD, ...change })

  expect(answer).toMatchObject({ status, body: { status, requestId: expect.any(String) as string } })
  expect(answer.headers.get('content-type')).toContain('application/problem+json')
  const errors = answer.body['errors'] as { path: string }[]
  expect([...new Set(errors.map((error) => error.path))]).toEqual([path])
  const made = await user.db.selectFrom('users').select('id').where('email', '=', email).execute()
  expect(made).toEqual([])
})

it.each<[string, string, string | Buffer, number]>([
  ['broken JSON', 'application/json', '{"email":', 400],
  ['no JSON at all', 'application/json', 'hello', 400],
  ['an array', 'application/json', '[]', 400],
  ['null', 'application/json', 'null', 400],
  ['nothing', 'application/json', '', 400],
  ['bytes that are no UTF-8', 'application/json', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), 400],
  ['a poisoned prototype', 'application/json', '{"__proto__":{"roles":["admin"]}}', 400],
  ['a form', 'application/x-www-form-urlencoded', 'email=a%40example.com', 415],
  ['text', 'text/plain', '{}', 415],
  ['more than 1 MiB', 'application/json', `{"email":"${'a'.repeat(1_100_000)}"}`, 413],
])('answers %s with a problem', async (_what, type, body, status) => {
  const answer = await user.send('/v1/auth/register', {
    method: 'POST',
    headers: { 'content-type': type },
    body: body as string,
  })
  expect(answer).toMatchObject({ status, body: { status } })
  expect(answer.headers.get('content-type')).toContain('application/problem+json')
})
