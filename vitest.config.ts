import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// Said once by every client that a test makes itself, on Node 20; it would bury what the tests have to say.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

// Whole products run in these: a local cloud, the real CDK CLI, a browser, or compiled sketches.
const endToEnd = [
  'test/end-to-end/**/*.test.ts',
  'test/bin/**/*.test.ts',
  'test/cli/review/changes.test.ts',
  'test/lambda/chart-widget/screenshot.test.ts',
  'local/test/cloudformation/cdk-cli.test.ts',
];
const firmware = ['test/firmware/**/*.test.ts'];
// Files that need no module of their own, neither a mocked one nor a client that reads the environment once: they share all
// modules that are loaded, which saves half of their processor time.
const sharing = [
  'test/{docs,github,lib,policy,snapshots,web}/**/*.test.ts',
  'test/cli/{cost,review,rows,series,terminal}/**/*.test.ts',
];
// Every call of every operation failed, killed and doubled: thousands of small cases.
const exhaustive = ['test/lambda/device-certificate/{faults,two-runs,model}.test.ts'];

/** All others share the packages, which take most of the time to load, and load our own modules anew. */
const fresh = { isolate: false, setupFiles: 'testing/fresh-modules.ts' };

/*
 * How long a test waits for what should come at once: a machine may be busy with anything else. Where a time tells two behaviours
 * apart, the two lie seconds from each other; `npm run bench` measures.
 */
const patient = { expect: { poll: { timeout: 30_000 } }, testTimeout: 60_000, hookTimeout: 120_000 };

/** What takes longest, most of it waiting: all else runs beside it. */
const LONGEST = [
  'prove-aws',
  'firmware/dropping-broker',
  'firmware/arduino-cli',
  'bin/start',
  'end-to-end/page',
  'redrive',
];

/** Begins with those, so that none of them runs at the end alone. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification): boolean =>
      LONGEST.some((name) => moduleId.endsWith(`${name}.test.ts`));
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    // One less than there are processors by itself; most files wait for other processes, or for a time, most of the time.
    maxWorkers: 2 * availableParallelism(),
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          ...patient,
          name: 'unit',
          include: sharing,
          exclude: [...endToEnd, '**/node_modules/**'],
          isolate: false,
        },
      },
      {
        test: {
          ...patient,
          ...fresh,
          name: 'unit-fresh',
          include: ['test/**/*.test.ts'],
          exclude: [...sharing, ...exhaustive, ...endToEnd, ...firmware, '**/node_modules/**'],
        },
      },
      {
        test: {
          ...patient,
          name: 'local-cloud',
          include: ['local/test/**/*.test.ts'],
          exclude: [...endToEnd, '**/node_modules/**'],
          isolate: false,
        },
      },
      { test: { ...patient, ...fresh, name: 'end-to-end', include: endToEnd } },
      { test: { ...patient, name: 'exhaustive', include: exhaustive, testTimeout: 120_000 } },
      { test: { ...patient, ...fresh, name: 'firmware', include: firmware, hookTimeout: 300_000 } },
    ],
  },
});
