import { availableParallelism } from 'node:os';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

const suites = [
  // Vitest would leave one core free, which on two cores means one file at a time.
  { name: 'unit', testTimeout: 20_000, fileParallelism: true, maxWorkers: availableParallelism() },
  { name: 'contract', testTimeout: 60_000, fileParallelism: true, maxWorkers: availableParallelism() },
  // One file at a time: each starts workers that take the whole machine.
  {
    name: 'e2e',
    testTimeout: 240_000,
    fileParallelism: false,
    maxWorkers: 1,
    globalSetup: './test/helpers/kept-states-setup.ts',
  },
];

/** Three suites by directory; scripts/test runs them one after the other, each with its minutes. */
const config: ViteUserConfig = defineConfig({
  test: {
    projects: suites.map((suite) => ({
      test: {
        name: suite.name,
        include: [`test/${suite.name}/**/*.test.ts`],
        testTimeout: suite.testTimeout,
        hookTimeout: suite.testTimeout,
        fileParallelism: suite.fileParallelism,
        maxWorkers: suite.maxWorkers,
        globalSetup: suite.globalSetup ?? [],
      },
    })),
  },
});

export default config;
