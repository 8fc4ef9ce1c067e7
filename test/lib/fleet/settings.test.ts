import { expect, test } from 'vitest';
import { fleetSettings } from '../../../lib/fleet/settings.ts';

test('what is stored outlives its stack unless someone says otherwise', () => {
  expect(fleetSettings(undefined)).toEqual({ removal: 'retain' });
  expect(fleetSettings({})).toEqual({ removal: 'retain' });
});

test('an object from cdk.json and text from the command line say the same', () => {
  expect(fleetSettings({ removal: 'destroy' })).toEqual({ removal: 'destroy' });
  expect(fleetSettings('{"removal":"destroy"}')).toEqual({ removal: 'destroy' });
});

test.each([
  [{ removal: 'maybe' }, 'context "fleet": removal "maybe" is not known; allowed: retain, destroy'],
  [{ retention: '90d' }, 'context "fleet": "retention" is not known; allowed: removal'],
  ['removal=destroy', 'context "fleet": not valid JSON; allowed: such as {"removal":"destroy"}'],
  [7, 'context "fleet": the content must be a map of keys and values'],
])('%j is refused', (context, message) => {
  expect(() => fleetSettings(context)).toThrow(message);
});
