import type { Server } from './server-types.ts'

/** What advertisements and newsletters add to links. */
const isTracking = (name: string) => name.startsWith('utm_') || name === 'gclid' || name === 'fbclid'

/** No route means anything by them: gone before anything looks at the query, so that no page, cursor or key depends on them. */
export const dropTrackingParameters = (app: Server) => {
  app.addHook('onRequest', (request, _reply, done) => {
    const query = request.query as object
    for (const name of Object.keys(query)) if (isTracking(name)) Reflect.deleteProperty(query, name)
    done()
  })
}
