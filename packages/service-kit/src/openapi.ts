export { ProblemBody } from './http/problem.ts'
export { headerComponents, problemSchema } from './openapi/document.ts'
export { describeProblems } from './openapi/problem-responses.ts'
