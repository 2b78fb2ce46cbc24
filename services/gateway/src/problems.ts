import { defineProblems } from '@storewright/service-kit/http'

/** The problems of forwarding requests besides those of every service. */
export const { Problem, problemResponses } = defineProblems({
  'bad-gateway': { status: 502, title: 'A part of the shop gave no proper answer' },
  'gateway-timeout': { status: 504, title: 'A part of the shop did not answer in time' },
})
