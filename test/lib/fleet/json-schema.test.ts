import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fleetJsonSchema } from '../../../lib/fleet/json-schema.ts';

test('fleet.schema.json is what `npm run schema` writes', () => {
  expect(readFileSync('fleet.schema.json', 'utf8')).toBe(fleetJsonSchema());
});
