import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { startVitest, type TestModule } from 'vitest/node';
import { copyName, writeCopies } from './mutations/copies.ts';
import { DEVICE_MUTATIONS } from './mutations/device-mutations.ts';
import { ENROLMENT_MUTATIONS } from './mutations/enrolment-mutations.ts';
import { TELEMETRY_MUTATIONS } from './mutations/telemetry-mutations.ts';
import { WATCHING_MUTATIONS } from './mutations/watching-mutations.ts';
import type { Outcome } from './outcome.ts';
import type { Progress } from './progress.ts';

const MUTATIONS = [...DEVICE_MUTATIONS, ...ENROLMENT_MUTATIONS, ...TELEMETRY_MUTATIONS, ...WATCHING_MUTATIONS];

/** Copies whose tests share loaded modules, which stay in memory until all of them have run. */
const AT_ONCE = 10;

/**
 * Each security property of the templates, broken by a small change in a copy of the app: cdk-nag, our own rules or a
 * test of the templates goes red. The copy without a change is green.
 */
export async function prove(progress: Progress): Promise<Outcome> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'mutations-')));
  try {
    writeCopies(folder, MUTATIONS);
    progress.expect(1 + MUTATIONS.length);
    const copies = Array.from({ length: 1 + MUTATIONS.length }, (_, index) => new Copy(index));
    for (let first = 0; first < copies.length; first += AT_ONCE) {
      const batch = copies.slice(first, first + AT_ONCE);
      await runTests(folder, batch);
      for (const { index, tests, broken, red } of batch) {
        const property = MUTATIONS[index - 1]?.property;
        if (property === undefined) {
          progress.case('the app as it is', tests > 0 ? red[0] : 'no test was run');
          continue;
        }
        progress.case(property, broken ?? (red.length === 0 ? 'nothing went red' : undefined));
        if (red.length > 0) progress.say(`${property}: ${[...new Set(red)].join(', ')}`);
      }
    }
    return progress.outcome;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runTests(folder: string, copies: readonly Copy[]): Promise<void> {
  const vitest = await startVitest(
    'test',
    copies.map(({ index }) => copyName(index) + sep),
    {
      root: folder,
      config: false,
      watch: false,
      pool: 'threads',
      isolate: false, // the CDK is loaded once, and each copy has modules of its own
      testTimeout: 120_000,
      reporters: [
        {
          onTestModuleEnd: (module) =>
            copies
              .find(({ index }) => copyName(index) === relative(folder, module.moduleId).split(sep)[0])
              ?.add(module),
        },
      ],
    },
  );
  await vitest.close();
}

/** What the tests say of one copy of the app. */
class Copy {
  readonly index: number;
  tests = 0;
  /** What went red: the rules, or else the tests. */
  get red(): string[] {
    return this.#rules.length > 0 ? this.#rules : this.#names;
  }

  readonly #rules: string[] = [];
  readonly #names: string[] = [];
  /** Why a copy cannot even be loaded, or a test did not end: that is red whatever the tests are worth. */
  broken: string | undefined;

  constructor(index: number) {
    this.index = index;
  }

  add(module: TestModule): void {
    this.broken ??= module.errors()[0]?.message;
    for (const test of module.children.allTests()) {
      this.tests += 1;
      const { state, errors = [] } = test.result();
      if (state !== 'failed') continue;
      this.broken ??= errors.find(({ message }) => message.includes('timed out'))?.message;
      this.#rules.push(...errors.flatMap(({ message }) => message.match(/(?<=Acknowledge with ')[^']+(?=')/g) ?? []));
      this.#names.push(`"${test.fullName}"`);
    }
  }
}
