import { PASSWORD, newEmail, type SignedIn, type UserService } from './harness.ts'

export const ADMIN = { ADMIN_EMAIL: 'admin@example.com', ADMIN_PASSWORD: 'an administrator’s own' }

export interface Problem {
  type: string
  detail: string
}

/** What staff do to accounts, in the words of the tests. */
export const openStaff = async (user: UserService) => {
  const signIn = async (email: string, password = PASSWORD) => {
    const { status, body } = await user.logIn(email, password)
    if (status !== 200) throw new Error(`the log-in was answered by ${status}: ${JSON.stringify(body)}`)
    return body
  }
  const admin = await signIn(ADMIN.ADMIN_EMAIL, ADMIN.ADMIN_PASSWORD)
  const change = <Body = SignedIn['user'] & Problem>(
    id: string,
    body: unknown,
    token: string = admin.tokens.accessToken,
    headers?: Record<string, string>,
  ) =>
    user.request<Body>('PATCH', `/v1/users/${id}`, {
      body,
      token,
      ...(headers === undefined ? {} : { headers }),
    })
  /** Somebody new who has these roles, logged in. */
  const hire = async (...roles: string[]) => {
    const email = newEmail()
    const { body } = await user.register(email)
    await change(body.user.id, { roles })
    return signIn(email)
  }
  return { admin, token: admin.tokens.accessToken, id: admin.user.id, change, hire, signIn }
}
export type Staff = Awaited<ReturnType<typeof openStaff>>
