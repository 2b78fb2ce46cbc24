import { consumerGroups } from '@storewright/contracts'
import { connect } from '@storewright/database'
import { openOperations } from '@storewright/messaging'
import { serviceOf } from '../services.ts'
import { table } from '../table.ts'
import { databaseOf, need, readSurroundings, UsageError, type Surroundings } from '../surroundings.ts'
import { doing, EXIT, newCommand, print, type CommonOptions } from './command.ts'

type Operations = Awaited<ReturnType<typeof openOperations>>
type ListFlags = CommonOptions & { limit: string }
type PickFlags = CommonOptions & { all?: boolean }

const knownGroup = (group: string) => {
  if (group in consumerGroups) return group
  throw new UsageError(
    `there is no consumer group ${group}; there are ${Object.keys(consumerGroups).join(', ')}`,
  )
}

const idsOrAll = (ids: string[], { all }: PickFlags): string[] | 'all' => {
  if (all) return 'all'
  if (ids.length === 0) throw new UsageError('name the messages, or say --all')
  return ids
}

const withOperations = async <T>(
  flags: CommonOptions,
  work: (operations: Operations, surroundings: Surroundings) => Promise<T>,
): Promise<T> => {
  const surroundings = readSurroundings(flags)
  const operations = await openOperations({ url: need(surroundings, 'amqpUrl') })
  try {
    return await work(operations, surroundings)
  } finally {
    await operations.close()
  }
}

const listGroups = () =>
  doing(async (group: string | undefined, flags: ListFlags) =>
    withOperations(flags, async (operations) => {
      if (!group) {
        const groups = await operations.groups()
        print(flags, groups, () =>
          table(
            ['group', 'ready', 'retrying', 'dead'],
            groups.map((row) => [row.group, row.ready, row.retrying, row.dead]),
          ),
        )
        return EXIT.ok
      }
      const { total, items } = await operations.listDeadLetters(knownGroup(group), {
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
  doing(async (group: string, id: string, flags: CommonOptions & { reveal?: boolean }) =>
    withOperations(flags, async (operations) => {
      const letter = await operations.showDeadLetter(knownGroup(group), id, { reveal: flags.reveal ?? false })
      if (!letter) throw new Error(`${group} has no dead letter ${id}`)
      print(flags, letter, () => JSON.stringify(letter, null, 2))
      return EXIT.ok
    }),
  )

const replaySome = () =>
  doing(async (group: string, ids: string[], flags: PickFlags) =>
    withOperations(flags, async (operations) => {
      const done = await operations.replayDeadLetters(knownGroup(group), idsOrAll(ids, flags))
      print(flags, done, () => `${done.replayed} replayed${missing(done.missing)}`)
      return done.missing.length > 0 ? EXIT.failed : EXIT.ok
    }),
  )

const dropSome = () =>
  doing(async (group: string, ids: string[], flags: PickFlags) =>
    withOperations(flags, async (operations, surroundings) => {
      const db = connect(databaseOf(surroundings, serviceOf(knownGroup(group))), { poolSize: 2 })
      try {
        const done = await operations.dropDeadLetters(group, idsOrAll(ids, flags), { db })
        print(flags, done, () => `${done.dropped} dropped${missing(done.missing)}`)
        return done.missing.length > 0 ? EXIT.failed : EXIT.ok
      } finally {
        await db.destroy()
      }
    }),
  )

const missing = (ids: string[]) => (ids.length > 0 ? `; not there: ${ids.join(', ')}` : '')

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
    newCommand('replay', 'hand dead letters to their consumer once more')
      .argument('<group>')
      .argument('[ids...]')
      .option('--all', 'all of the group')
      .action(replaySome()),
  )
  parent.addCommand(
    newCommand('drop', 'give dead letters up for good; the audit then counts them as dropped')
      .argument('<group>')
      .argument('[ids...]')
      .option('--all', 'all of the group')
      .action(dropSome()),
  )
  return parent
}
