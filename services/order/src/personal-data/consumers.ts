import { UserErased } from '@storewright/contracts'
import { on } from '@storewright/messaging'
import type { Trx } from '../database.ts'
import { erasePerson } from './erase-person.ts'

/** What the user service says. */
export const userSubscriptions = ({ clock }: { clock: () => Date }) => [
  on(UserErased, (trx: Trx, event) => erasePerson(trx, event, clock())),
]
