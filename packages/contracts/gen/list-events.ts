import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { consumerGroups, contractsByOwner, type EventContract } from '../src/index.ts'

export interface DocumentedEvent {
  name: string
  text: string
  contract: EventContract
}

const DEFINITION = /\/\*\*((?:(?!\*\/)[^])*)\*\/\nexport const (\w+) = /g

export const docCommentsOf = (source: string): Map<string, string> =>
  new Map(
    [...source.matchAll(DEFINITION)].map(([, comment = '', name = '']) => [
      name,
      comment
        .replaceAll(/\n? *\* ?/g, ' ')
        .replaceAll(/\s+/g, ' ')
        .trim(),
    ]),
  )

/** Every event with its text, sorted by type. Throws where a doc comment is missing. */
export const listEvents = (): DocumentedEvent[] =>
  Object.entries(contractsByOwner)
    .flatMap(([owner, events]) => {
      const source = readFileSync(join(import.meta.dirname, `../src/events/${owner}.ts`), 'utf8')
      const texts = docCommentsOf(source)
      return Object.entries(events).map(([name, contract]) => {
        const text = texts.get(name)
        if (!text) throw new Error(`${name} (${contract.type}) has no doc comment in src/events/${owner}.ts`)
        return { name, text, contract }
      })
    })
    .sort((a, b) => (a.contract.type < b.contract.type ? -1 : 1))

export const groupsOf = (type: string): string[] =>
  Object.entries<readonly EventContract[]>(consumerGroups)
    .filter(([, consumed]) => consumed.some((contract) => contract.type === type))
    .map(([group]) => group)

export const serviceOf = (group: string) => group.slice(0, group.indexOf('.'))
