import { Listr, type ListrTask } from 'listr2'
import { type Progress, secondsSince, print } from '../reporting.ts'

type Part = { name: string; title: string }
export type Group = { title: string; parts: Part[] }
type State = { text: string; state: 'working' | 'done' | 'failed' | 'dropped' }

/** Shows progress, and ends with what is not done marked as given up. */
export type Display = { progress: Progress; end: (why?: string) => Promise<void> }

const plainDisplay = (groups: Group[]): Display => {
  const titles = new Map(groups.flatMap(({ parts }) => parts.map(({ name, title }) => [name, title])))
  const began = new Map<string, number>()
  let ended = false
  return {
    progress: (part, text, state = 'working') => {
      if (ended) return
      const start = began.get(part) ?? Date.now()
      began.set(part, start)
      const mark = { working: ' ', done: '✔', failed: '✖' }[state]
      print(
        `${mark} ${titles.get(part) ?? part}: ${text}${state === 'done' ? ` (${secondsSince(start)})` : ''}`,
      )
    },
    end: async () => {
      ended = true
    },
  }
}

const liveDisplay = (groups: Group[]): Display => {
  const states = new Map<string, State>()
  const began = new Map<string, number>()
  const listeners = new Map<string, (state: State) => void>()
  const put = (part: string, state: State): void => {
    states.set(part, state)
    if (!began.has(part)) began.set(part, Date.now())
    listeners.get(part)?.(state)
  }

  const follow = ({ name, title }: Part): ListrTask => ({
    title,
    task: (_, task) =>
      new Promise<void>((resolve, reject) => {
        const show = ({ text, state }: State): void => {
          if (state === 'working') task.output = text
          if (state === 'done') {
            task.title = `${title}: ${text} (${secondsSince(began.get(name) ?? Date.now())})`
            resolve()
          }
          if (state === 'failed') reject(new Error(text))
          if (state === 'dropped') {
            task.skip(`${title}: ${text}`)
            resolve()
          }
        }
        listeners.set(name, show)
        const known = states.get(name)
        if (known) show(known)
      }),
  })

  const list = new Listr(
    groups.map(({ title, parts }) => ({
      title,
      task: (_, task) => task.newListr(parts.map(follow), { concurrent: true, exitOnError: false }),
    })),
    {
      exitOnError: false,
      // The failure is printed in full below the list.
      rendererOptions: { collapseSubtasks: false, collapseSkips: false, showErrorMessage: false },
    },
  )
  const shown = list.run().catch(() => undefined)
  const names = groups.flatMap(({ parts }) => parts.map(({ name }) => name))
  return {
    progress: (part, text, state = 'working') => put(part, { text, state }),
    end: async (why = 'given up') => {
      for (const name of names) {
        const state = states.get(name)?.state
        if (state !== 'done' && state !== 'failed') put(name, { text: why, state: 'dropped' })
      }
      await shown
    },
  }
}

const NARROWEST_LIST = 50

/** Shows the progress of work that goes on elsewhere: live on a terminal, as plain lines otherwise. */
export const showProgress = (groups: Group[]): Display =>
  process.stdout.isTTY && process.stdout.columns >= NARROWEST_LIST
    ? liveDisplay(groups)
    : plainDisplay(groups)
