import { mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { Compiler } from '../../testing/firmware/compiler.ts';

it('throws away what nothing took for a week, while builds beside it rename their drafts', () => {
  const cache = mkdtempSync(join(tmpdir(), 'compiler-'));
  onTestFinished(() => rmSync(cache, { recursive: true }));
  for (const file of ['new.o', 'old.o']) writeFileSync(join(cache, file), '');
  utimesSync(join(cache, 'old.o'), 0, 0);
  // It stands in the folder, and is not there when it is looked at.
  symlinkSync(join(cache, 'renamed'), join(cache, 'draft.tmp'));
  new Compiler(cache);
  expect(readdirSync(cache).sort()).toEqual(['draft.tmp', 'new.o']);
});
