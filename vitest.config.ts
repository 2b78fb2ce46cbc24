import { defineConfig } from 'vitest/config'

// A test's folder shows its cost: beside the source it is pure, in `test/` it uses real servers.
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['{packages,services,infra}/**/src/**/*.test.ts'] } },
      {
        test: {
          name: 'service',
          include: ['{packages,services,infra}/**/test/**/*.test.ts'],
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
          name: 'e2e',
          include: ['tests-e2e/**/*.e2e.test.ts'],
          // A shop that runs elsewhere cannot be killed, or given a neighbour, from here; a real one sends its mails.
          exclude: process.env['GATEWAY_URL']
            ? [
                'tests-e2e/copies.e2e.test.ts',
                'tests-e2e/faults.e2e.test.ts',
                'tests-e2e/revocations.e2e.test.ts',
                'tests-e2e/examples-service.e2e.test.ts',
                ...(process.env['MAILBOX_URL'] ? [] : ['tests-e2e/mails.e2e.test.ts']),
              ]
            : [],
          globalSetup: ['tests-e2e/support/global-setup.ts'],
          // Holds every answer of the shop against its document, in every test.
          setupFiles: ['tests-e2e/support/document/watch-answers.ts'],
          testTimeout: 180_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
    passWithNoTests: false,
  },
})
