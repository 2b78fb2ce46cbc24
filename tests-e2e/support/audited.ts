import { audit } from '@storewright/ops/audit'
import { expect } from 'vitest'
import type { ShopUnderTest } from './under-test.ts'

/** Waits until the shop is still and expects that not one invariant is broken. */
export const expectCleanAudit = async (shop: ShopUnderTest, timeoutMs = 60_000) => {
  const result = await audit({ auditUrl: shop.auditUrl, prefix: shop.prefix, settled: true, timeoutMs })
  expect(result.pending).toEqual([])
  expect(result.checks.filter((check) => check.breaches > 0)).toEqual([])
  return result
}
