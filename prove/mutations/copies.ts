import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Mutation } from './mutation.ts';

/** What the tests of the templates need, from the root of the repository; the lock file, so that copies share what is kept of bundles. */
const PARTS = ['aws', 'lib', 'lambda', 'test/lib', 'package.json', 'package-lock.json', 'tsconfig.json'];

/**
 * Tests of the templates: with cdk-nag and our rules over a whole fleet, and one by one. Without what takes
 * seconds to run the statements in the local cloud: their text is one of the others' matters.
 */
const TESTS =
  /test\/lib\/(alarms-stack|enrolment-stack|site-stack|telemetry-stack|fleet-stack|fleet\/names|device\/.*|telemetry\/(?!rows|unstored).*|validation\/validated-fleet)\.test\.ts$/;

/** The folder of a copy; part of the name of no other one, since vitest takes files by parts of their names. */
export const copyName = (index: number): string => String(index).padStart(3, '0');

/**
 * A folder whose subfolders hold a copy of the app and of the tests of its templates: the first as it is, the others each
 * with one of the mutations.
 *
 * @throws {Error} when a mutation does not fit its file any more
 */
export function writeCopies(folder: string, mutations: readonly Mutation[]): void {
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  cpSync('cdk.json', join(folder, 'cdk.json')); // read from where the tests are run
  for (const [index, mutation] of [undefined, ...mutations].entries()) {
    const copy = join(folder, copyName(index));
    mkdirSync(copy);
    symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
    for (const part of PARTS) {
      cpSync(part, join(copy, part), {
        recursive: true,
        filter: (source) => !source.endsWith('.test.ts') || TESTS.test(source),
      });
    }
    if (mutation !== undefined) {
      const file = join(copy, mutation.file);
      writeFileSync(file, mutated(readFileSync(file, 'utf8'), mutation));
    }
  }
}

function mutated(text: string, { property, file, find, replace }: Mutation): string {
  const [before, after, ...more] = text.split(find);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(`${file} must have once, to break "${property}": ${find}`);
  }
  return before + replace + after;
}
