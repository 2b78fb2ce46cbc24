import { openOperations } from '@storewright/messaging'
import { audit, type Audit } from '../audit/audit.ts'
import { table } from '../table.ts'
import { need, readSurroundings } from '../surroundings.ts'
import { doing, EXIT, newCommand, print, type CommonOptions } from './command.ts'

const inWords = ({ checks, breaches, motion, settled }: Audit) => {
  const rows = checks.map(({ invariant, what, checked, breaches: broken, moving }) => [
    invariant,
    what,
    checked,
    broken,
    moving,
  ])
  const examples = checks.flatMap(({ invariant, what, examples: ids }) =>
    ids.map((id) => `  ${invariant} ${what}: ${id}`),
  )
  return [
    table(['', 'invariant', 'checked', 'breaches', 'on the way'], rows),
    '7 coupon limits, 8 analytics: not applicable yet (this shop has neither)',
    ...(motion.length > 0 ? ['Not still in time:', ...motion.map((line) => `  ${line}`)] : []),
    ...(examples.length > 0 ? ['Among the breaches:', ...examples] : []),
    breaches > 0
      ? `${breaches} breaches.`
      : `No breach${settled ? '' : '; what is on the way was not judged (--settled waits for it)'}.`,
  ].join('\n')
}

/** Asks the broker how much waits in a group's queues; undefined where there is no broker to ask. */
const openWaiting = async (amqpUrl: string | undefined) => {
  if (!amqpUrl) return undefined
  const operations = await openOperations({ url: amqpUrl }).catch(() => undefined)
  if (!operations) return undefined
  return {
    waiting: async (group: string) => {
      const queues = (await operations.groups()).find((queue) => queue.group === group)
      return (queues?.ready ?? 0) + (queues?.retrying ?? 0)
    },
    close: () => operations.close(),
  }
}

type AuditFlags = CommonOptions & { settled?: boolean; timeout: string }

export const auditCommand = () =>
  newCommand('audit', 'prove that nothing is lost, doubled or oversold; exit code 1 on a breach', [
    'audit',
    'audit --settled --json',
  ])
    .option('--settled', 'wait until the shop is still, then take every mismatch for a breach')
    .option('--timeout <seconds>', 'how long --settled waits', '60')
    .action(
      doing(async (flags: AuditFlags) => {
        const surroundings = readSurroundings(flags)
        const auditUrl = need(surroundings, 'auditUrl')
        const broker = await openWaiting(surroundings.amqpUrl)
        try {
          const result = await audit({
            auditUrl,
            prefix: surroundings.prefix,
            settled: flags.settled ?? false,
            timeoutMs: Number(flags.timeout) * 1_000,
            ...(broker ? { waiting: broker.waiting } : {}),
          })
          print(flags, result, () => inWords(result))
          return result.breaches > 0 ? EXIT.failed : EXIT.ok
        } finally {
          await broker?.close()
        }
      }),
    )
