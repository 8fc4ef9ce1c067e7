import { expect, test } from 'vitest';
import { fleetSettings } from '../../../lib/fleet/settings.ts';
import { findings, fleetApp, resource } from './checked-fleet.ts';

const GUARDS: Record<string, unknown> = {
  DeletionPolicy: 'Delete',
  UpdateReplacePolicy: 'Delete',
  'Properties.DeletionProtectionEnabled': false,
  'Properties.PointInTimeRecoverySpecification': undefined,
};

test.each(Object.entries(GUARDS))('a table that has lost its %s is found', (guard, value) => {
  const app = fleetApp();
  resource(app, 'AWS::DynamoDB::Table').addOverride(guard, value);
  expect(findings(app)).toEqual([expect.stringContaining(`table-loss: Without ${guard} the table `)]);
});

test('a fleet that says destroy may lose its table', () => {
  const settings = fleetSettings({ removal: 'destroy' });
  expect(findings(fleetApp(settings), settings)).toEqual([]);
  expect(findings(fleetApp(settings), fleetSettings({ removal: 'retain' }))).toHaveLength(3);
});
