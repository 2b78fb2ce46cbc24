import { Listr, type ListrTask } from 'listr2'
import type { Progress } from '../progress.ts'

type Part = { name: string; title: string }
type Group = { title: string; parts: Part[] }
type State = { text: string; state: 'working' | 'done' | 'failed' | 'dropped' }

/**
 * Shows the progress of work that goes on elsewhere: as a live list on a terminal, as plain lines otherwise. The
 * parts of a group go on side by side.
 */
export const showProgress = (groups: Group[]) => {
  const states = new Map<string, State>()
  const listeners = new Map<string, (state: State) => void>()
  const names = groups.flatMap(({ parts }) => parts.map(({ name }) => name))

  const put = (part: string, state: State): void => {
    states.set(part, state)
    listeners.get(part)?.(state)
  }

  const follow = ({ name, title }: Part): ListrTask => ({
    title,
    task: (_, task) =>
      new Promise<void>((resolve, reject) => {
        const show = ({ text, state }: State): void => {
          if (state === 'working') task.output = text
          if (state === 'done') {
            task.title = `${title}: ${text}`
            resolve()
          }
          if (state === 'failed') reject(new Error('failed'))
          if (state === 'dropped') {
            task.skip(text)
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
      rendererOptions: { collapseSubtasks: false, collapseSkips: false, showErrorMessage: false },
      fallbackRenderer: 'simple',
    },
  )
  const shown = list.run().catch(() => undefined)

  const progress: Progress = (part, text, state = 'working') => put(part, { text, state })
  return {
    progress,
    /** Ends the display; what is not done is shown as given up. */
    end: async (why = 'given up'): Promise<void> => {
      for (const name of names) {
        const state = states.get(name)?.state
        if (state !== 'done' && state !== 'failed') put(name, { text: why, state: 'dropped' })
      }
      await shown
    },
  }
}
