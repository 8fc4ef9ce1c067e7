import { expect, test } from 'vitest';
import { readFleetContext } from '../../../lib/fleet/cdk-json.ts';
import { temporaryFleet } from './temporary-fleet.ts';

test('what -c says goes over what stands in cdk.json', () => {
  const folder = temporaryFleet({ 'cdk.json': '{"context":{"fleet":{"name":"a"},"stages":{"dev":{}}}}' });
  expect(readFleetContext(folder)).toMatchObject({ fleet: { name: 'a' }, stages: { dev: {} } });
  const given = ['fleet={"name":"b"}', 'stage=dev', 'fleetDir=x=y'];
  expect(readFleetContext(folder, given)).toMatchObject({ fleet: '{"name":"b"}', stage: 'dev', fleetDir: 'x=y' });
});

test('without a cdk.json there is nothing but what is given', () => {
  expect(readFleetContext(temporaryFleet({}), ['stage=dev'])).toEqual({ stage: 'dev' });
});

test.each([
  [['stag=dev'], '-c: "stag=dev" is not known; allowed: fleet=VALUE, stages=VALUE, stage=VALUE, fleetDir=VALUE'],
  [['dev'], '-c: "dev" is not known; allowed: fleet=VALUE, stages=VALUE, stage=VALUE, fleetDir=VALUE'],
])('-c %j is refused', (given, message) => {
  expect(() => readFleetContext(temporaryFleet({}), given)).toThrow(message);
});

test('a cdk.json that is no JSON is named', () => {
  expect(() => readFleetContext(temporaryFleet({ 'cdk.json': '{' }))).toThrow(/cdk\.json: not valid JSON$/);
});
