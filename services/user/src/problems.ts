import { defineProblems } from '@storewright/service-kit/http'

export const { Problem, problemResponses } = defineProblems({
  'email-taken': { status: 409, title: 'The e-mail address has an account already' },
  'invalid-credentials': { status: 401, title: 'E-mail or password is wrong' },
  'invalid-refresh-token': { status: 401, title: 'The refresh token is not valid' },
  'account-locked': { status: 429, title: 'Too many failed log-ins' },
  'account-disabled': { status: 403, title: 'The account is disabled' },
  'weak-password': { status: 422, title: 'The password is too easy to guess' },
  'wrong-password': { status: 403, title: 'The current password is wrong' },
  'not-on-yourself': { status: 403, title: 'Not on your own account' },
  'beyond-your-permissions': { status: 403, title: 'More than you may do yourself' },
  'last-admin': { status: 409, title: 'The shop needs another administrator' },
  'invalid-one-time-token': { status: 422, title: 'The token is wrong, was used or has expired' },
  'wrong-state': { status: 409, title: 'Not possible in the present state' },
})
