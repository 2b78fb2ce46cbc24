import { describe, expect, it } from 'vitest'
import { newEmail, PASSWORD, setUpUser, type Page, type SignedIn } from './harness.ts'
import { ADMIN, setUpStaff } from './staff.ts'

const user = setUpUser(ADMIN)
const staff = setUpStaff(user)

type User = SignedIn['user']
type Users = Page<User>
const find = (query: string, token = staff.token) => user.get<Users>(`/v1/users${query}`, token)

describe('finding accounts', () => {
  it('finds by beginning of address, name, id, role and status, and all at once', async () => {
    const { id } = await (async () => {
      const { body } = await user.post<SignedIn>('/v1/auth/register', {
        email: 'Zoe_100%@example.com',
        password: PASSWORD,
        name: 'Zoë_% Q',
      })
      return body.user
    })()
    await user.post('/v1/auth/register', { email: 'zoex@example.com', password: PASSWORD, name: 'Zoex' })
    await staff.change(id, { roles: ['support'], status: 'disabled' })

    for (const query of [
      '?email=zoe_100%25',
      '?email=ZOE_',
      `?id=${id}`,
      `?name=${encodeURIComponent('Zoë_%')}`,
      '?role=support&status=disabled',
      `?id=${id}&email=zoe&name=z&role=support&status=disabled`,
    ]) {
      const { status, body } = await find(query)
      expect({ query, status, ids: body.items.map((item) => item.id) }).toEqual({
        query,
        status: 200,
        ids: [id],
      })
    }
    expect((await find(`?id=${id}&status=active`)).body.items).toEqual([])
    expect((await find('?email=zoe')).body.items).toHaveLength(2)
    expect((await find('?email=%25')).body.items).toEqual([])
    const { body } = await user.post<SignedIn>('/v1/auth/register', {
      email: 'ann@bücher.example',
      password: PASSWORD,
    })
    expect(body.user.email).toBe('ann@bücher.example')
    for (const email of ['ann@bücher.example', 'Ann@BÜCHER', 'ann@xn--bcher-kva.example', 'ann@xn--b'])
      expect((await find(`?email=${encodeURIComponent(email)}`)).body.items).toMatchObject([
        { id: body.user.id, email: 'ann@bücher.example' },
      ])
    expect((await find(`?name=${encodeURIComponent("' or 1=1 --")}`)).body.items).toEqual([])
  })

  it('pages through names of 200 characters of four bytes', async () => {
    const name = '🫖'.repeat(199)
    for (const letter of 'abc')
      await user.post('/v1/auth/register', { email: newEmail(), password: PASSWORD, name: name + letter })
    const seen: (string | null)[] = []
    for (let cursor = ''; ;) {
      const { status, body } = await find(`?name=${encodeURIComponent('🫖')}&limit=1${cursor}`)
      expect(status).toBe(200)
      seen.push(...body.items.map((found) => found.name))
      if (body.nextCursor === null) break
      cursor = `&cursor=${body.nextCursor}`
    }
    expect(seen).toEqual([...'abc'].map((letter) => name + letter))
  })

  it.each(['', 'email=page', 'name=Page', 'role=customer', 'status=active', 'role=customer&email=page'])(
    'gives every account once, page by page, by %s',
    async (query) => {
      for (let at = 0; at < 5; at++) {
        const email = `page${newEmail()}`
        // Equal names: the id decides then.
        await user.post('/v1/auth/register', {
          email,
          password: PASSWORD,
          name: at < 3 ? 'Page' : `page ${at}`,
        })
      }
      const all = (await find(`?limit=100&${query}`)).body.items.map(({ id }) => id)
      expect(all.length).toBeGreaterThan(4)
      const seen = (await user.listAll<User>(`/v1/users?${query}`, staff.token)).map(({ id }) => id)
      expect(seen).toEqual(all)
      expect(new Set(seen).size).toBe(seen.length)
    },
  )

  it('shows staff an account with its version, and nothing secret', async () => {
    const { user: somebody } = await user.newcomer()
    const { headers, body } = await user.get<User>(`/v1/users/${somebody.id}`, staff.token)
    expect(body).toEqual(somebody)
    const etag = headers.get('etag') ?? ''
    expect(etag).toMatch(/^"1\b/)
    expect((await staff.change(somebody.id, { name: 'Z' }, staff.token, { 'if-match': etag })).status).toBe(
      200,
    )
    expect((await staff.change(somebody.id, { name: 'Y' }, staff.token, { 'if-match': etag })).status).toBe(
      412,
    )
    expect(JSON.stringify(body)).not.toContain('$2')
    expect((await user.get('/v1/users/01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a69', staff.token)).status).toBe(404)
  })

  it.each([
    '?role=owner',
    '?status=gone',
    '?limit=0',
    '?limit=101',
    '?id=1',
    '?email=',
    `?email=${'x'.repeat(255)}`,
    '?name=%00',
    '?sort=email',
    '?cursor=x',
    `?cursor=${Buffer.from(JSON.stringify(['newest', '', "' or ''='"])).toString('base64url')}`,
    `?cursor=${Buffer.from(JSON.stringify(['email', 'a', 'ünï'])).toString('base64url')}`,
    `?email=a&cursor=${Buffer.from(
      JSON.stringify(['newest', '', '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a69']),
    ).toString('base64url')}`,
  ])('refuses %s', async (query) => {
    expect(await find(query)).toMatchObject({ status: 400, body: { status: 400 } })
  })

  it('is for those who may read accounts', async () => {
    const { user: somebody, tokens } = await user.newcomer()
    for (const path of ['/v1/users', `/v1/users/${somebody.id}`]) {
      expect((await user.get(path)).status).toBe(401)
      expect((await user.get(path, tokens.accessToken)).status).toBe(403)
    }
    const support = await staff.hire('support')
    expect((await find('', support.tokens.accessToken)).status).toBe(200)
    expect((await staff.change(somebody.id, { name: 'x' }, support.tokens.accessToken)).status).toBe(403)
  })
})
