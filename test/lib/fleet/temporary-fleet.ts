import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder with these fleet files, gone when the test is. */
export function temporaryFleet(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/** Such a folder, in which the test runs. */
export function inTemporaryFleet(files: Record<string, string>): string {
  const folder = temporaryFleet(files);
  const start = process.cwd();
  process.chdir(folder);
  onTestFinished(() => process.chdir(start));
  return folder;
}
