import { bad, byAda, type Case } from './fixtures.ts'

const raw = (type: string, content: string) => ({ raw: { type, content } })

/** What is wrong with the request itself, whatever it asks for. */
export const requestCases: Case[] = [
  bad('broken JSON', 'POST', '/v1/carts', 400, undefined, raw('application/json', '{"currency":')),
  bad('not JSON at all', 'POST', '/v1/auth/login', 400, undefined, raw('application/json', 'hello')),
  bad('JSON that is a list', 'POST', '/v1/auth/login', 400, undefined, { body: [] }),
  bad('JSON that is null', 'POST', '/v1/auth/login', 400, undefined, raw('application/json', 'null')),
  bad('an empty body', 'POST', '/v1/auth/login', 400, undefined, raw('application/json', '')),
  bad('a wrong content type', 'POST', '/v1/auth/login', 415, undefined, raw('text/plain', '{}')),
  bad('a form', 'POST', '/v1/auth/login', 415, undefined, raw('application/x-www-form-urlencoded', 'a=b')),
  bad('a huge body', 'POST', '/v1/auth/login', 413, undefined, {
    body: { email: 'a@example.com', password: 'x'.repeat(1_200_000) },
  }),
  bad('text with NUL', 'POST', '/v1/auth/register', 400, 'name', {
    body: { email: 'nul@example.com', password: 'a long enough secret', name: 'A\0B' },
  }),
  bad('a property that would change prototypes', 'POST', '/v1/carts', 400, undefined, {
    ...raw('application/json', '{"__proto__":{"admin":true}}'),
  }),
  bad('an unknown path', 'GET', '/v1/nothing-here', 404),
  bad('an internal path', 'GET', '/internal/stock?skus=A', 404),
  bad('a path that climbs', 'GET', '/v1/products/..%2f..%2finternal%2fvariants?skus=A', 400),
  bad('a broken escape', 'GET', '/v1/products/%E0%A4%A', 400),
  bad('a limit of 0', 'GET', '/v1/products?limit=0', 400, 'limit'),
  bad('a limit of 101', 'GET', '/v1/products?limit=101', 400, 'limit'),
  bad('a limit that is a word', 'GET', '/v1/products?limit=all', 400, 'limit'),
  bad('a cursor that is noise', 'GET', '/v1/products?cursor=%00%ff', 400, 'cursor'),
  bad('a cursor of another list', 'GET', '/v1/products?cursor=WyJhIl0', 400, 'cursor'),
  bad('a cursor of an unknown order', 'GET', '/v1/orders?cursor=e30', 400, 'cursor', byAda()),
  bad('an unknown sort', 'GET', '/v1/products?sort=best', 400, 'sort'),
  bad('a price that is not one', 'GET', '/v1/products?minPrice=cheap', 400, 'minPrice'),
  bad('an unknown order status', 'GET', '/v1/orders?status=lost', 400, 'status', byAda()),
  bad('a date that is none', 'GET', '/v1/orders?from=yesterday', 400, 'from', byAda()),
]
