import type { Static, TObject } from 'typebox'
import { responsesOf } from '../openapi/problem-responses.ts'
import { Problem, type ProblemExtra } from './problem.ts'
import {
  generalProblems,
  type GeneralProblem,
  type ProblemDefinition,
  type ProblemDefinitions,
} from './problem-kinds.ts'

type GeneralExtra = Pick<ProblemExtra, 'errors' | 'retryAfter'>
type ExtraOf<Definition> = Definition extends { extra: infer Extra extends TObject }
  ? GeneralExtra & Static<Extra>
  : GeneralExtra
type ExtraArguments<Extra> =
  Partial<Extra> extends Extra
    ? [extra?: Extra, options?: ErrorOptions]
    : [extra: Extra, options?: ErrorOptions]

interface ProblemClass<Kinds extends ProblemDefinitions> {
  new <Kind extends keyof Kinds & string>(
    kind: Kind,
    detail: string,
    ...rest: ExtraArguments<ExtraOf<Kinds[Kind]>>
  ): Problem
}

/** `Problem` to throw, `problemResponses` for a route's `response`; problems of guards and schemas document themselves. */
export const defineProblems = <const Own extends Record<string, ProblemDefinition>>(own: Own) => {
  const kinds: ProblemDefinitions = { ...generalProblems, ...own }
  class OwnProblem extends Problem {
    static override readonly kinds = kinds
  }
  return {
    Problem: OwnProblem as ProblemClass<Omit<typeof generalProblems, keyof Own> & Own>,
    problemResponses: (...names: (GeneralProblem | (keyof Own & string))[]) => responsesOf(names, kinds),
  }
}

export const { problemResponses } = defineProblems({})
