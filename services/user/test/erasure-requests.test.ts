import { newId } from '@storewright/database'
import { describe, expect, it } from 'vitest'
import { notificationReceipt, orderReceipt, setUpErasures, type Begun } from './erasures.ts'
import { newEmail } from './harness.ts'
import { ADMIN, setUpStaff } from './staff.ts'

const { user, somebody, erase, follow, tablesThatName } = setUpErasures()
const staff = setUpStaff(user)

describe('receipts', () => {
  const erasedSomebody = async () => {
    const ada = await somebody()
    return { userId: ada.user.id, id: (await erase(ada.tokens.accessToken)).body.erasure.id }
  }

  it.each(['order first', 'notification first', 'both at once'])('complete the erasure: %s', async (how) => {
    const { userId, id } = await erasedSomebody()
    const both = [orderReceipt(userId, id), notificationReceipt(userId, id)]
    if (how === 'both at once') await Promise.all(both.map(user.deliver))
    else for (const event of how === 'order first' ? both : both.toReversed()) await user.deliver(event)
    expect(await follow(id)).toMatchObject({ status: 'completed' })
  })

  it('count once, however often they come', async () => {
    const { userId, id } = await erasedSomebody()
    for (const receipt of [orderReceipt, notificationReceipt]) {
      const event = receipt(userId, id)
      await user.deliver(event)
      const first = await follow(id)
      await user.deliver(event)
      await user.deliver(receipt(userId, id, 99))
      expect(await follow(id)).toEqual(first)
    }
    expect(await follow(id)).toMatchObject({ status: 'completed' })
  })

  it('of an erasure that nobody asked for change nothing', async () => {
    const id = newId()
    expect(await user.deliver(orderReceipt(newId(), id))).toBe('applied')
    expect((await user.get(`/v1/erasures/${id}`)).status).toBe(404)
  })
})

describe('an erasure', () => {
  it('is shown to whoever has its id, and to nobody who guesses', async () => {
    for (const id of ['x', '1', '%00', `${newId()}x`])
      expect((await user.get(`/v1/erasures/${id}`)).status).toBe(404)
    expect((await user.get(`/v1/erasures/${newId()}`)).status).toBe(404)
  })

  it('is begun by staff at a person’s request, once', async () => {
    const ada = await somebody()
    const path = `/v1/users/${ada.user.id}/erasure`
    const first = await user.post<Begun>(path, undefined, staff.token)
    expect(first.status).toBe(202)
    expect(first.headers.get('location')).toBe(`/v1/erasures/${first.body.erasure.id}`)
    expect(await user.post<Begun>(path, undefined, staff.token)).toMatchObject({
      status: 202,
      body: first.body,
    })
    expect((await user.get('/v1/me', ada.tokens.accessToken)).status).toBe(401)
    expect(await tablesThatName(ada.user.id)).toEqual(['erasures', 'sessions'])
  })

  it('is not begun by others, nor for who is not there', async () => {
    const [ada, eve] = [await somebody(), await somebody()]
    const path = `/v1/users/${ada.user.id}/erasure`
    expect((await user.post(path)).status).toBe(401)
    expect((await user.post(path, undefined, eve.tokens.accessToken)).status).toBe(403)
    expect((await user.post(path, undefined, ada.tokens.accessToken)).status).toBe(403)
    expect((await user.post(`/v1/users/${newId()}/erasure`, undefined, staff.token)).status).toBe(404)
    expect((await user.post('/v1/users/x/erasure', undefined, staff.token)).status).toBe(404)
    expect((await user.get('/v1/me', ada.tokens.accessToken)).status).toBe(200)
  })

  it('does not take the shop its last administrator', async () => {
    const refused = await erase(staff.token, ADMIN.ADMIN_PASSWORD)
    expect(refused).toMatchObject({ status: 409, body: { type: 'urn:storewright:problem:last-admin' } })
    expect((await user.get('/v1/me', staff.token)).status).toBe(200)
  })

  it('cannot be held up by who takes the address that the account will have', async () => {
    const { body } = await user.register()
    const squatted = await user.register(`${body.user.id}@erased.invalid`)
    expect(squatted.status).toBe(400)
    expect((await erase(body.tokens.accessToken)).status).toBe(202)
    expect((await user.register(newEmail())).status).toBe(201)
  })
})
