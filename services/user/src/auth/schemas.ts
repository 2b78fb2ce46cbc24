import { Type } from 'typebox'
import { Email, Name, User } from '../accounts/user.ts'
import { CurrentPassword, NewPassword } from '../credentials/password.ts'

export const Registration = Type.Object(
  { email: Email, password: NewPassword, name: Type.Optional(Name) },
  { title: 'Registration', additionalProperties: false },
)

export const Credentials = Type.Object(
  { email: Email, password: CurrentPassword },
  { title: 'Credentials', additionalProperties: false },
)

export const RefreshToken = Type.Object(
  {
    refreshToken: Type.String({
      minLength: 1,
      maxLength: 200,
      examples: ['kq3Z1x0h2Yt8mF5cVb7nA9sLd4GpRwEuJiOoPqXyTzk'],
    }),
  },
  { title: 'RefreshToken', additionalProperties: false },
)

const Tokens = Type.Object(
  {
    accessToken: Type.String({ maxLength: 8_192, description: 'Goes into `Authorization: Bearer …`.' }),
    refreshToken: Type.String({
      maxLength: 200,
      description:
        'Works once. Sent again within a few seconds it gives the same successor, unless that was used; ' +
        'later it ends the session.',
    }),
    tokenType: Type.Literal('Bearer'),
    expiresIn: Type.Integer({
      minimum: 1,
      maximum: 86_400,
      description: 'Seconds that the access token is good for.',
    }),
  },
  {
    title: 'Tokens',
    examples: [
      {
        accessToken: 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIwMTk5MGEzYyJ9.c2lnbmF0dXJl',
        refreshToken: 'kq3Z1x0h2Yt8mF5cVb7nA9sLd4GpRwEuJiOoPqXyTzk',
        tokenType: 'Bearer',
        expiresIn: 900,
      },
    ],
  },
)

export const SignedIn = Type.Object(
  { user: User, tokens: Tokens },
  { title: 'SignedInUser', description: 'The account, and the tokens of its new session' },
)

export const Refreshed = Type.Object(
  { tokens: Tokens },
  { title: 'RefreshedTokens', description: 'The next tokens; the one sent is spent' },
)
