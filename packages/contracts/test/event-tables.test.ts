import { describe, expect, it } from 'vitest'
import { overview, replaceBlock, serviceEvents } from '../gen/event-tables.ts'
import { docCommentsOf, listEvents } from '../gen/list-events.ts'

const block = (content: string) =>
  `# Title\n\n<!-- events: generated -->\n${content}<!-- end of events -->\n\nText.\n`

describe('the text of an event', () => {
  it('is the doc comment above its definition, on one line', () => {
    const source = `/** One. */\nexport const A = 1\n\n/**\n * Two\n * lines.\n */\nexport const B = 2\nexport const C = 3\n`
    expect([...docCommentsOf(source)]).toEqual([
      ['A', 'One.'],
      ['B', 'Two lines.'],
    ])
  })

  it('is found for every event', () => {
    for (const { text } of listEvents()) expect(text).toMatch(/^[A-Z].*\.$/)
  })
})

describe('the generated tables', () => {
  it('replace what stands between the markers and keep the rest of the document', () => {
    expect(replaceBlock(block('old\n'), 'README.md', () => 'new\n')).toBe(block('\nnew\n\n'))
    expect(() => replaceBlock('# Title\n', 'README.md', () => '')).toThrow('README.md needs the lines')
  })

  it('keep the order of the services and what they own, and correct the events', () => {
    const services = ['user', 'order', 'notification', 'inventory', 'gateway', 'catalog']
    const rows = services.map((name) => `| ${name} | things of ${name} | wrong | wrong |`)
    const before = ['| Service | Owns | Emits | Consumes |', '| --- | --- | --- | --- |', ...rows].join('\n')
    const after = overview(listEvents(), before)
    const kept = after
      .split('\n')
      .slice(2, -1)
      .map((row) =>
        row
          .split('|')
          .map((cell) => cell.trim())
          .slice(1, 3),
      )
    expect(kept).toEqual(services.map((name) => [name, `things of ${name}`]))
    expect(after).not.toContain('wrong')
    expect(after).toMatch(/\| notification .*\| _NotificationPersonalDataErased_ .*UserErased/)
    expect(overview(listEvents(), after)).toBe(after)
  })

  it('are refused where the table of all services lacks one that emits events', () => {
    expect(() => overview(listEvents(), '| Service | Owns |\n| --- | --- |\n| user | accounts |')).toThrow(
      'no row for catalog',
    )
  })

  it('list for a service who consumes its events and whose events it consumes', () => {
    const text = serviceEvents(listEvents(), 'notification')
    expect(text).toMatch(/\| _NotificationPersonalDataErased_ +\| user +\|/)
    expect(text).toMatch(/\| UserErased +\| user +\| `notification\.user-events` \|/)
    expect(serviceEvents(listEvents(), 'gateway')).toBe('')
  })
})
