import { normaliseEmail } from './email.ts'
import { Problem } from '../problems.ts'

/** The address in its normal form; ends the request where it is none. */
export const readEmail = (input: string): string => {
  const email = normaliseEmail(input)
  if (email !== null) return email
  throw new Problem('invalid-request', 'The email is not an e-mail address.', {
    errors: [{ path: 'email', message: 'is not an e-mail address' }],
  })
}

export const emailTaken = () =>
  new Problem('email-taken', 'The email has an account already.', {
    errors: [{ path: 'email', message: 'has an account already' }],
  })
