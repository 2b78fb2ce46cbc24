import { consumerGroups } from '@storewright/contracts'
import { connect } from '@storewright/database'
import { openQueueAdmin, type QueueAdmin } from '@storewright/messaging/admin'
import { databaseUrl, readConfig, requireSetting, serviceOf, UsageError, type OpsConfig } from '../config.ts'
import { action, EXIT, newCommand, newPickCommand, print, table, type CommonOptions } from '../cli.ts'

type ListFlags = CommonOptions & { limit: string }
type PickFlags = CommonOptions & { all?: boolean }

const knownGroup = (group: string) => {
  if (Object.hasOwn(consumerGroups, group)) return group
  throw new UsageError(
    `there is no consumer group ${group}; there are ${Object.keys(consumerGroups).join(', ')}`,
  )
}

const idsOrAll = (ids: string[], { all }: PickFlags): string[] | 'all' => {
  if (all) return 'all'
  if (ids.length === 0) throw new UsageError('name the messages, or pass --all')
  return ids
}

const withQueueAdmin = async <T>(
  flags: CommonOptions,
  work: (admin: QueueAdmin, config: OpsConfig) => Promise<T>,
): Promise<T> => {
  const config = readConfig(flags)
  const admin = await openQueueAdmin({ url: requireSetting(config, 'amqpUrl') })
  try {
    return await work(admin, config)
  } finally {
    await admin.close()
  }
}

const listGroups = () =>
  action(async (group: string | undefined, flags: ListFlags) =>
    withQueueAdmin(flags, async (admin) => {
      if (!group) {
        const groups = await admin.listGroups()
        print(flags, groups, () =>
          table(
            ['group', 'ready', 'retrying', 'dead'],
            groups.map((row) => [row.group, row.ready, row.retrying, row.dead]),
          ),
        )
        return EXIT.ok
      }
      const { total, items } = await admin.listDeadLetters(knownGroup(group), {
        limit: Number(flags.limit),
      })
      print(flags, { total, items }, () =>
        [
          table(
            ['message', 'type', 'subject', 'tries', 'dead since', 'reason'],
            items.map((item) => [
              item.messageId ?? '(none)',
              item.type,
              item.subject ?? '',
              item.attempts,
              item.deadAt ?? '',
              item.error ?? item.reason,
            ]),
          ),
          `${items.length} of ${total}`,
        ].join('\n'),
      )
      return EXIT.ok
    }),
  )

const showOne = () =>
  action(async (group: string, id: string, flags: CommonOptions & { reveal?: boolean }) =>
    withQueueAdmin(flags, async (admin) => {
      const deadLetter = await admin.showDeadLetter(knownGroup(group), id, {
        reveal: flags.reveal ?? false,
      })
      if (!deadLetter) throw new Error(`${group} has no dead letter ${id}`)
      print(flags, deadLetter, () => JSON.stringify(deadLetter, null, 2))
      return EXIT.ok
    }),
  )

const replaySome = () =>
  action(async (group: string, ids: string[], flags: PickFlags) =>
    withQueueAdmin(flags, async (admin) => {
      const result = await admin.replayDeadLetters(knownGroup(group), idsOrAll(ids, flags))
      print(flags, result, () => `${result.replayed} replayed${missing(result.missing)}`)
      return result.missing.length > 0 ? EXIT.failed : EXIT.ok
    }),
  )

const dropSome = () =>
  action(async (group: string, ids: string[], flags: PickFlags) =>
    withQueueAdmin(flags, async (admin, config) => {
      const db = connect(databaseUrl(config, serviceOf(knownGroup(group))), { poolSize: 2 })
      try {
        const result = await admin.dropDeadLetters(group, idsOrAll(ids, flags), { db })
        print(flags, result, () => `${result.dropped} dropped${missing(result.missing)}`)
        return result.missing.length > 0 ? EXIT.failed : EXIT.ok
      } finally {
        await db.destroy()
      }
    }),
  )

const missing = (ids: string[]) => (ids.length > 0 ? `; not found: ${ids.join(', ')}` : '')

export const deadLettersCommand = () => {
  const parent = newCommand('dead-letters', 'events that a consumer could not handle', [
    'dead-letters list',
    'dead-letters list order.inventory-events',
    'dead-letters replay order.inventory-events --all',
  ])
  parent.addCommand(
    newCommand('list', 'how many each group has, or those of one group')
      .argument('[group]', 'a consumer group, e.g. order.inventory-events')
      .option('--limit <count>', 'list at most so many', '100')
      .action(listGroups()),
  )
  parent.addCommand(
    newCommand('show', 'one dead letter with its reason, stack, headers and body')
      .argument('<group>')
      .argument('<id>', 'the message id that list shows')
      .option('--reveal', 'show the body of internal events, too')
      .action(showOne()),
  )
  parent.addCommand(
    newPickCommand(
      'replay',
      'deliver dead letters to their consumer again',
      'group',
      'all of the group',
    ).action(replaySome()),
  )
  parent.addCommand(
    newPickCommand(
      'drop',
      'delete dead letters; the audit then counts them as dropped',
      'group',
      'all of the group',
    ).action(dropSome()),
  )
  return parent
}
