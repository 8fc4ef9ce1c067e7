import { expect, test } from 'vitest';
import { FleetNames } from '../../lib/fleet/names.ts';
import { readFleet } from '../../lib/fleet/read.ts';
import { fleetSettings } from '../../lib/fleet/settings.ts';
import { SiteStack } from '../../lib/site-stack.ts';
import { valueText } from '../../lib/validation/value-text.ts';
import { temporaryFleet } from './fleet/temporary-fleet.ts';
import { resourcesOf, templateOf, testApp } from './synthesized.ts';

/* What is deployed of a site whose devices are the lines of a list. */

function template(list: string, settings: object = {}, site = 'field') {
  const folder = temporaryFleet({ [`${site}.yaml`]: 'list: devices.csv\n', 'devices.csv': `name,board\n${list}` });
  const chosen = fleetSettings(settings);
  const [read] = readFleet(folder, new FleetNames(chosen));
  return templateOf(new SiteStack(testApp(), { site: read!, fleetId: 'ours', settings: chosen }));
}

function policyOf(stack: ReturnType<typeof template>) {
  const [policy] = Object.values(stack.findResources('AWS::IoT::Policy')) as {
    Properties: { PolicyName: string; PolicyDocument: { Statement: { Action: string; Resource: unknown }[] } };
  }[];
  const { PolicyName, PolicyDocument } = policy!.Properties;
  const allowed = PolicyDocument.Statement.map(({ Action, Resource }) => [
    Action,
    ...[Resource].flat().map((arn) => valueText(arn).replace(/^.*AccountId}:/, '')),
  ]);
  return { PolicyName, PolicyDocument, allowed };
}

test('a template for ten thousand is that for one, but for the name of the file', () => {
  const many = Array.from({ length: 10_000 }, (_, index) => `sensor-${index},esp8266\n`).join('');
  const [one, all] = [template('attic,esp32\n'), template(many)].map((stack) =>
    JSON.stringify(stack.toJSON()).replaceAll(/[0-9a-f]{64}\.csv/g, 'HASH.csv'),
  );
  expect(all).toBe(one);
  const types = Object.values(resourcesOf(template(many))).map(({ Type }) => Type);
  expect(types.filter((type) => /^(AWS::IoT|Custom)::/.test(type)).sort()).toEqual([
    'AWS::IoT::Policy',
    'Custom::DeviceList',
  ]);
});

test.each([
  ['without a name', {}, 'Devices-field', 'rtjm', '${iot:Connection.Thing.ThingName}', 'esp-fleet'],
  [
    'with a name',
    { name: 'dev', ingest: 'basic' },
    'dev_Devices-field',
    'rtjm_dev',
    '${iot:Connection.Thing.Attributes[device]}',
    'esp-fleet-dev',
  ],
])(
  'in a fleet %s, the policy allows what is of the device that is connected',
  (_, settings, name, root, device, fleet) => {
    const { PolicyName, allowed } = policyOf(template('attic,esp32\n', settings));
    expect(PolicyName).toBe(name);
    const requests = ['$aws/certificates/create-from-csr/json', `$aws/provisioning-templates/${fleet}/provision/json`];
    const answers = requests.map((topic) => `${topic}/*`);
    const basic = 'ingest' in settings ? [`topic/$aws/rules/fleet_dev_telemetry/${root}/${device}/*`] : [];
    expect(allowed).toEqual([
      ['iot:Connect', 'client/${iot:Connection.Thing.ThingName}'],
      ['iot:Publish', `topic/${root}/${device}/*`, ...basic, ...requests.map((topic) => `topic/${topic}`)],
      ['iot:Subscribe', ...[`cmd/${root}/${device}/*`, ...answers].map((topic) => `topicfilter/${topic}`)],
      ['iot:Receive', ...[`cmd/${root}/${device}/*`, ...answers].map((topic) => `topic/${topic}`)],
    ]);
  },
);

test('the longest policy is within 2,048 characters, and its name within 128', () => {
  const settings = { name: 'n'.repeat(20), prefix: 'p'.repeat(32), ingest: 'basic' };
  const { PolicyName, PolicyDocument } = policyOf(template('attic,esp32\n', settings, 's'.repeat(64)));
  const deployed = JSON.stringify(PolicyDocument, (_, value: unknown) =>
    typeof value === 'object' && value !== null && 'Fn::Sub' in value
      ? valueText(value)
          .replace('${AWS::Partition}', 'aws-us-gov')
          .replace('${AWS::Region}', 'ap-northeast-1')
          .replace('${AWS::AccountId}', '123456789012')
      : value,
  );
  expect(deployed.length).toBeLessThanOrEqual(2_048); // API Reference, CreatePolicy
  expect(PolicyName.length).toBeLessThanOrEqual(128);
});

test('the function that keeps the list rings when it fails', () => {
  template('attic,esp32\n').resourceCountIs('AWS::CloudWatch::Alarm', 1);
});
