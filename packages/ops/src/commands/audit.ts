import { openQueueAdmin } from '@storewright/messaging/admin'
import { audit, type Audit } from '../audit/audit.ts'
import { readConfig, requireSetting } from '../config.ts'
import { action, EXIT, newCommand, print, table, type CommonOptions } from '../cli.ts'

const describe = ({ checks, breaches, pending, settled }: Audit) => {
  const rows = checks.map((check) => [
    check.invariant,
    check.what,
    check.checked,
    check.breaches,
    check.pending,
  ])
  const examples = checks.flatMap(({ invariant, what, examples: ids }) =>
    ids.map((id) => `  ${invariant} ${what}: ${id}`),
  )
  return [
    table(['', 'invariant', 'checked', 'breaches', 'pending'], rows),
    '8 analytics: not applicable yet (this shop has none)',
    ...(pending.length > 0 ? ['Still pending when time was up:', ...pending.map((line) => `  ${line}`)] : []),
    ...(examples.length > 0 ? ['Among the breaches:', ...examples] : []),
    breaches > 0
      ? `${breaches} breaches.`
      : `No breach${settled ? '' : '; what is pending was not judged (--settled waits for it)'}.`,
  ].join('\n')
}

/** Counts the messages in a group's queues; undefined without a broker. */
const openWaiting = async (amqpUrl: string | undefined) => {
  if (!amqpUrl) return undefined
  const admin = await openQueueAdmin({ url: amqpUrl }).catch(() => undefined)
  if (!admin) return undefined
  return {
    waiting: async (group: string) => {
      const queues = (await admin.listGroups()).find((queue) => queue.group === group)
      return (queues?.ready ?? 0) + (queues?.retrying ?? 0)
    },
    close: () => admin.close(),
  }
}

type AuditFlags = CommonOptions & { settled?: boolean; timeout: string }

export const auditCommand = () =>
  newCommand('audit', 'prove that nothing is lost, doubled or oversold; exit code 1 on a breach', [
    'audit',
    'audit --settled --json',
  ])
    .option('--settled', 'wait until nothing is pending, then count every mismatch as a breach')
    .option('--timeout <seconds>', 'how long --settled waits', '60')
    .action(
      action(async (flags: AuditFlags) => {
        const config = readConfig(flags)
        const auditUrl = requireSetting(config, 'auditUrl')
        const broker = await openWaiting(config.amqpUrl)
        try {
          const result = await audit({
            auditUrl,
            prefix: config.prefix,
            settled: flags.settled ?? false,
            timeoutMs: Number(flags.timeout) * 1_000,
            ...(broker ? { waiting: broker.waiting } : {}),
          })
          print(flags, result, () => describe(result))
          return result.breaches > 0 ? EXIT.failed : EXIT.ok
        } finally {
          await broker?.close()
        }
      }),
    )
