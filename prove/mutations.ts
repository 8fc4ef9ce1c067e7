import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { startVitest, type TestModule } from 'vitest/node';
import { writeCopies } from './mutations/copies.ts';
import { DEVICE_MUTATIONS } from './mutations/device-mutations.ts';
import { ENROLMENT_MUTATIONS } from './mutations/enrolment-mutations.ts';
import { TELEMETRY_MUTATIONS } from './mutations/telemetry-mutations.ts';
import { WATCHING_MUTATIONS } from './mutations/watching-mutations.ts';
import type { Outcome } from './outcome.ts';
import type { Progress } from './progress.ts';

const MUTATIONS = [...DEVICE_MUTATIONS, ...ENROLMENT_MUTATIONS, ...TELEMETRY_MUTATIONS, ...WATCHING_MUTATIONS];

/**
 * Each security property of the templates, broken by a small change in a copy of the app: cdk-nag, our own rules or a
 * test of the templates goes red. The copy without a change is green.
 */
export async function prove(progress: Progress): Promise<Outcome> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'mutations-')));
  try {
    writeCopies(folder, MUTATIONS);
    progress.expect(1 + MUTATIONS.length);
    const copies = Array.from({ length: 1 + MUTATIONS.length }, () => new Copy());
    const vitest = await startVitest('test', [], {
      root: folder,
      config: false,
      watch: false,
      pool: 'threads',
      isolate: false, // the CDK is loaded once, and each copy has modules of its own
      testTimeout: 120_000,
      reporters: [
        {
          onTestModuleEnd: (module) => copies[Number(relative(folder, module.moduleId).split(sep)[0])]?.add(module),
        },
      ],
    });
    await vitest.close();

    const [unchanged, ...mutants] = copies as [Copy, ...Copy[]];
    progress.case('the app as it is', unchanged.tests > 0 ? unchanged.red[0] : 'no test was run');
    for (const [index, { property }] of MUTATIONS.entries()) {
      const { broken, red } = mutants[index] as Copy;
      progress.case(property, broken ?? (red.length === 0 ? 'nothing went red' : undefined));
      if (red.length > 0) progress.say(`${property}: ${[...new Set(red)].join(', ')}`);
    }
    return progress.outcome;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the tests say of one copy of the app. */
class Copy {
  tests = 0;
  /** What went red: the rules, or else the tests. */
  get red(): string[] {
    return this.#rules.length > 0 ? this.#rules : this.#names;
  }

  readonly #rules: string[] = [];
  readonly #names: string[] = [];
  /** Why a copy cannot even be loaded, or a test did not end: that is red whatever the tests are worth. */
  broken: string | undefined;

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
