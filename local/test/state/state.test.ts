import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { State } from '../../src/state/state.ts';

const folder = mkdtempSync(join(tmpdir(), 'state-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('finds after a restart what was set, with its dates and bytes, and not what was deleted', async () => {
  const first = await State.open(folder);
  const things = first.collection<{ at: Date; bytes: Buffer }>('things');
  things.set('a/b', { at: new Date(1000), bytes: Buffer.from('x') });
  things.set('gone', { at: new Date(), bytes: Buffer.alloc(0) });
  things.delete('gone');
  await first.close();

  const second = await State.open(folder);
  const found = second.collection<{ at: Date; bytes: Buffer }>('things');
  expect([...found.keys()]).toEqual(['a/b']);
  expect(found.get('a/b')).toEqual({ at: new Date(1000), bytes: Buffer.from('x') });
  await second.close();
});

it('refuses a folder that another local cloud has open', async () => {
  const first = await State.open(folder);
  await expect(State.open(folder)).rejects.toThrow();
  await first.close();
});

it('harms nobody whose work ends after it was closed', async () => {
  const first = await State.open(folder);
  const late = first.collection<number>('late');
  await first.close();
  late.set('a', 1);
  late.delete('b');
  await first.flush();

  const second = await State.open(folder);
  expect(second.collection<number>('late').size).toBe(0);
  await second.close();
});
