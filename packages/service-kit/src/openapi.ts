export { headerComponents, problemSchema } from './openapi/document.ts'
export { describeProblemResponses } from './openapi/problem-responses.ts'
