import { newEmail, opened, PASSWORD, type ProblemBody, type SignedIn, type UserService } from './harness.ts'

export const ADMIN = { ADMIN_EMAIL: 'admin@example.com', ADMIN_PASSWORD: 'an administrator’s own' }

/** What staff do to accounts. */
export const setUpStaff = (user: UserService) =>
  opened(async () => {
    const signIn = async (email: string, password = PASSWORD) => {
      const { status, body } = await user.logIn(email, password)
      if (status !== 200) throw new Error(`the log-in was answered by ${status}: ${JSON.stringify(body)}`)
      return body
    }
    const admin = await signIn(ADMIN.ADMIN_EMAIL, ADMIN.ADMIN_PASSWORD)
    const change = <Body = SignedIn['user'] & ProblemBody>(
      id: string,
      body: unknown,
      token: string = admin.tokens.accessToken,
      headers: Record<string, string> = {},
    ) => user.request<Body>('PATCH', `/v1/users/${id}`, { body, token, headers })
    /** A new staff member with these roles, logged in. */
    const hire = async (...roles: string[]) => {
      const email = newEmail()
      const { body } = await user.register(email)
      await change(body.user.id, { roles })
      return signIn(email)
    }
    return { admin, token: admin.tokens.accessToken, id: admin.user.id, change, hire, signIn }
  })
export type Staff = ReturnType<typeof setUpStaff>
