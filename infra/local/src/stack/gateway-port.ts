import { Failure } from '../failure.ts'
import { portProblem } from '../ports.ts'

const FIRST_CHOICE = 8080

/** The port that was asked for, or 8080, or the next free one. */
export const chooseGatewayPort = async (asked: number | undefined): Promise<number> => {
  if (asked !== undefined) {
    const problem = await portProblem(asked)
    if (problem === undefined) return asked
    if (problem === 'EACCES') {
      throw new Failure(
        `Port ${asked} takes more rights than you have: choose one above 1023, such as PORT=8081 npm start.`,
      )
    }
    throw new Failure(
      `Port ${asked} is in use by another program: stop that, or choose another, such as PORT=${asked + 1} npm start.`,
    )
  }
  for (let port = FIRST_CHOICE; port < FIRST_CHOICE + 1000; port += 1) {
    if ((await portProblem(port)) === undefined) return port
  }
  throw new Failure('No port between 8080 and 9079 is free: choose one with PORT=… npm start.')
}
