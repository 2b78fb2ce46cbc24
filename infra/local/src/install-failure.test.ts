import { createRequire } from 'node:module'
import { expect, it } from 'vitest'

const explainFailure = createRequire(import.meta.url)('../install-failure.cjs') as (output: string) => string

it.each([
  ['ERR_PNPM_OUTDATED_LOCKFILE  Cannot install with "frozen-lockfile"', /pnpm-lock\.yaml does not fit/],
  ['ERR_PNPM_FETCH_404  GET https://registry/nothing-like-it: Not Found - 404', /does not exist/],
  ['ERR_PNPM_WORKSPACE_PKG_NOT_FOUND  In services/loyalty: "@storewright/x@workspace:*"', /does not exist/],
  ['Error: ENOSPC: no space left on device', /disk is full/],
  ['ERR_PNPM_META_FETCH_FAIL  request failed, reason: getaddrinfo ENOTFOUND', /registry cannot be reached/],
])('names the cause of a failed installation: %s', (output, sentence) => {
  expect(explainFailure(output)).toMatch(sentence)
})

it('points to the output, and not to the network, when the cause of a failed installation is unknown', () => {
  expect(explainFailure('a build script failed')).toMatch(/reason is shown above/)
})
