import { defineConfig } from 'vitest/config'

const foreign = process.env['GATEWAY_URL'] !== undefined

/** End-to-end tests that start shops and servers of their own, to kill them. */
const ownShops = ['tests-e2e/faults.e2e.test.ts', 'tests-e2e/revocations.e2e.test.ts']

/** What cannot be tested on a shop that runs elsewhere: it gets no neighbour from here, and a real one sends its mails. */
const notForeign = foreign
  ? [
      'tests-e2e/copies.e2e.test.ts',
      'tests-e2e/examples-service.e2e.test.ts',
      ...(process.env['MAILBOX_URL'] ? [] : ['tests-e2e/mails.e2e.test.ts']),
    ]
  : []

const endToEnd = {
  // Holds every answer of the shop against its document, in every test.
  setupFiles: ['tests-e2e/support/document/watch-answers.ts'],
  testTimeout: 180_000,
  hookTimeout: 300_000,
  fileParallelism: false,
}

// A test's folder shows its cost: beside the source it is pure, in `test/` it uses real servers.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{packages,services,infra}/**/src/**/*.test.ts'],
          isolate: false,
        },
      },
      {
        test: {
          name: 'service',
          include: ['{packages,services,infra}/**/test/**/*.test.ts'],
          globalSetup: ['packages/testing/src/vhost-pool.ts'],
          // Half of the time went into loading fastify and its like anew for each file.
          isolate: false,
          // They wait for servers more than they compute.
          maxWorkers: 2,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          ...endToEnd,
          name: 'e2e',
          include: ['tests-e2e/**/*.e2e.test.ts'],
          exclude: [...ownShops, ...notForeign],
          globalSetup: ['tests-e2e/support/global-setup.ts'],
        },
      },
      {
        test: {
          ...endToEnd,
          // A project of its own, because it needs no shop that the others share.
          name: 'e2e-own-shops',
          // A shop that runs elsewhere cannot be killed, or given a neighbour, from here.
          include: foreign ? [] : ownShops,
        },
      },
    ],
    passWithNoTests: false,
  },
})
