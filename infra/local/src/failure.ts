/** What a person has to do something about: shown as its one sentence, without a stack. */
export class Failure extends Error {
  /** Lines under the sentence, for example the last ones of a log. */
  readonly details: string[]
  constructor(sentence: string, details: string[] = []) {
    super(sentence)
    this.details = details
  }
}

/** The text of anything thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** The system's code of an error (`ENOENT`), if it has one. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
