import { Type } from 'typebox'

const CODE = /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/

/** How a place where stock can be is called. */
export const LocationCode = Type.String({ pattern: CODE.source, maxLength: 32, examples: ['main'] })

/** The column holds nothing else: comparing it with other characters is an error of the database. */
export const isLocationCode = (text: string) => CODE.test(text)
