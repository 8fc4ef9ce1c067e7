import { spawnSync } from 'node:child_process';

/** A unit test in C++, as it went. */
export interface UnitTest {
  readonly name: string;
  readonly passed: boolean;
  /** What did not hold, and where. */
  readonly failures: string;
}

export interface UnitTests {
  readonly tests: readonly UnitTest[];
  /** All that they printed. */
  readonly output: string;
}

/** Runs an executable of unit tests; what a sanitizer found is a test that failed. */
export function runUnitTests(executable: string): UnitTests {
  const { stdout, stderr } = spawnSync(executable, { encoding: 'utf8', timeout: 60_000 });
  const tests = [...stdout.matchAll(/^(ok|not ok) (.*)\n((?: {2}.*\n)*)/gm)].map(
    ([, result, name = '', failures = '']) => ({
      name,
      passed: result === 'ok',
      failures,
    }),
  );
  const sanitizers = { name: 'sanitizers', passed: false, failures: stderr };
  return { tests: stderr === '' ? tests : [...tests, sanitizers], output: stdout };
}
