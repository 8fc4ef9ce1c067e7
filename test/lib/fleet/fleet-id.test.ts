import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fleetIdOf, readFleetId } from '../../../lib/fleet/fleet-id.ts';
import { temporaryFleet } from './temporary-fleet.ts';

test('a fleet gets an id once, and keeps it', () => {
  const folder = temporaryFleet({});
  expect(readFleetId(folder)).toBeUndefined();
  const id = fleetIdOf(folder);
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
  expect([fleetIdOf(folder), readFleetId(folder)]).toEqual([id, id]);
  expect(readFileSync(join(folder, 'id'), 'utf8')).toBe(`${id}\n`);
  expect(fleetIdOf(temporaryFleet({}))).not.toBe(id);
});

test('a file that holds something else is refused, and stays', () => {
  const folder = temporaryFleet({ id: 'two words\n' });
  const problem = 'id: holds no id of a fleet; allowed: 1 to 64 characters of a-z, 0-9 and "-"';
  expect(() => fleetIdOf(folder)).toThrow(problem);
  writeFileSync(join(folder, 'id'), 'farm-1');
  expect(readFleetId(folder)).toBe('farm-1');
});
