import { GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import {
  AttachPolicyCommand,
  DescribeCertificateCommand,
  DescribeThingCommand,
  GetPolicyCommand,
  ListTargetsForPolicyCommand,
  ListThingPrincipalsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-iot';
import { beforeEach, expect, test } from 'vitest';
import {
  certificateArn,
  certificateId,
  certificateOf,
  cloudFormation,
  iot,
  siteDeployed,
  siteStack,
  stored,
} from '../deployed.ts';
import {
  attached,
  certificate,
  deleted,
  doctor,
  dynamoDB,
  fleetHas,
  healthyFleet,
  policy,
  policyHas,
  TestKey,
} from './fleet.ts';

/* What can be wrong with the devices of a list, all of which are read by pages. */

const CLAIM = await new TestKey().certificate('Enrolment');
const RESOURCE = 'topic/rtjm/${iot:Connection.Thing.ThingName}/*';

beforeEach(() => {
  healthyFleet();
  stored('Enrolment/1', { key: '-----BEGIN PRIVATE KEY-----\n', certificate: certificateOf('f') });
  certificate('f', 'ACTIVE', CLAIM);
  attached('f', ['Enrolment'], ['Enrolment']);
  listHas('attic,esp32,,\n');
  tableSays({ attic: { wants: '1', has: 'd' } });
  certificate('d', 'ACTIVE');
  policyHas('Devices-meters', ['d']);
  const PolicyDocument = JSON.parse(policy(['iot:Publish', RESOURCE])) as object;
  const Policy = { Type: 'AWS::IoT::Policy', Properties: { PolicyName: 'Devices-meters', PolicyDocument } };
  cloudFormation
    .on(GetTemplateCommand, { StackName: 'fleet-site-meters' })
    .resolves({ TemplateBody: JSON.stringify({ Resources: { Policy } }) });
  policyAllows(RESOURCE);
});

function listHas(lines: string): void {
  fleetHas({
    'home.yaml': 'devices:\n  kitchen: { board: esp8266 }\n  shed: { board: esp32, revoked: true }\n',
    'meters.yaml': 'list: meters.csv\n',
    'meters.csv': `name,board,generation,revoked\n${lines}`,
  });
  siteDeployed('meters', []);
}

function policyAllows(resource: string): void {
  const policyDocument = policy(['iot:Publish', resource]);
  iot.on(GetPolicyCommand).resolves({ policyName: 'Devices-meters', policyDocument });
}

interface Line {
  readonly wants: string;
  readonly declared?: string;
  /** The digit of a certificate's id. */
  readonly has?: string;
}

function tableSays(devices: Readonly<Record<string, Line>>): void {
  const Items = Object.entries(devices).map(([device, { wants, declared = wants, has }]) => ({
    ...{ device: { S: device }, site: { S: 'meters' }, board: { S: 'esp32' }, version: { N: '1' } },
    ...{ wants: { S: wants }, declared: { S: declared } },
    ...(has !== undefined && { has: { S: `1:${certificateId(has)}` } }),
  }));
  dynamoDB.on(ScanCommand).resolves({ Items });
}

async function said(...argv: string[]): Promise<{ code: number; lines: string[] }> {
  const { code, stdout } = await doctor(...argv);
  return { code, lines: stdout.split('\n').filter((line) => /meters|attic|Devices|device/.test(line)) };
}

test('nothing is wrong, and no device was asked for', async () => {
  const before = iot.commandCalls(DescribeCertificateCommand).length;
  const { code, lines } = await said();
  expect(lines).toEqual([expect.stringMatching(/^3 devices, nothing wrong/)]);
  expect(code).toBe(0);
  const asked = iot
    .commandCalls(DescribeCertificateCommand)
    .slice(before)
    .map(({ args }) => args[0].input.certificateId);
  expect(asked).not.toContain(certificateId('d'));
  expect(iot.commandCalls(ListThingPrincipalsCommand, { thingName: 'attic' })).toEqual([]);
  expect(iot.commandCalls(DescribeThingCommand, { thingName: 'attic' })).toEqual([]);
});

test.each<[string, string, Readonly<Record<string, Line>>, () => void, string]>([
  [
    'not deployed',
    'attic,esp32,,\nloft,esp32,,\nbarn,esp32,,\n',
    { attic: { wants: '1', has: 'd' } },
    () => undefined,
    '- in meters.csv, but not deployed: loft, barn; run: npx cdk deploy --all',
  ],
  [
    'gone from its list',
    '',
    { attic: { wants: '1', has: 'd' } },
    () => undefined,
    '- deployed, but not in meters.csv: attic; to remove it: npx cdk deploy --all',
  ],
  [
    'to rotate, not deployed',
    'attic,esp32,2,\n',
    { attic: { wants: '1', has: 'd' } },
    () => undefined,
    '- deployed otherwise than meters.csv says: attic; run: npx cdk deploy --all',
  ],
  [
    'waiting for its board',
    'attic,esp32,,\n',
    { attic: { wants: '1' } },
    () => {
      policyHas('Devices-meters', []);
      deleted('d');
    },
    '- in meters.csv, waiting for the board: attic; to let it enrol: bin/fleet enrol attic',
  ],
  [
    'rotating',
    'attic,esp32,2,\n',
    { attic: { wants: '2', has: 'd' } },
    () => undefined,
    '- in meters.csv, to have a new key, which the board makes when it starts: attic; at once: bin/fleet rotate attic',
  ],
  [
    'revoked without its list',
    'attic,esp32,,\n',
    { attic: { wants: 'revoked', declared: '1', has: 'd' } },
    () => certificate('d', 'REVOKED'),
    '✗ revoked, but meters.csv does not say so: attic; run: bin/fleet revoke attic',
  ],
  [
    'revoked in its list alone',
    'attic,esp32,,true\n',
    { attic: { wants: '1', has: 'd' } },
    () => undefined,
    '✗ not revoked, although meters.csv says so: attic; run: bin/fleet revoke attic',
  ],
  [
    'without its certificate',
    'attic,esp32,,\n',
    { attic: { wants: '1', has: 'e' } },
    () => policyHas('Devices-meters', []),
    '✗ in meters.csv, and the certificate is gone: attic; to let the board enrol again: bin/fleet enrol attic',
  ],
  [
    'INACTIVE',
    'attic,esp32,,\n',
    { attic: { wants: '1', has: 'd' } },
    () => certificate('d', 'INACTIVE'),
    `✗ in meters.csv, with a certificate that is not ACTIVE, so the broker refuses it: attic; to let one in: aws iot update-certificate --certificate-id ${certificateId('d')} --new-status ACTIVE`,
  ],
  [
    'without its policy',
    'attic,esp32,,\n',
    { attic: { wants: '1', has: 'd' } },
    () => policyHas('Devices-meters', []),
    '✗ in meters.csv, with a certificate that lacks the policy Devices-meters: attic; to settle it: bin/fleet doctor --fix',
  ],
])('one that is %s', async (_, lines, table, change, text) => {
  listHas(lines);
  tableSays(table);
  change();
  const { code, lines: found } = await said();
  expect(found).toContain(text);
  expect(code).toBe(text.startsWith('✗') ? 1 : 0);
});

test('a policy that CloudFormation would have to take over is in the way of a deployment', async () => {
  siteStack('meters', 'ROLLBACK_COMPLETE');
  tableSays({});
  policyHas('Devices-meters', []);
  const { code, lines } = await said();
  expect(code).toBe(1);
  expect(lines.join(' ')).toContain(
    '✗ meters.csv cannot be deployed: there is a policy of that name already, Devices-meters; if nobody needs it: ' +
      'aws iot delete-policy --policy-name Devices-meters',
  );
});

test('what is the same of 10,000 is said once', async () => {
  listHas(Array.from({ length: 10_000 }, (_, index) => `m-${index},esp32,,\n`).join(''));
  tableSays(Object.fromEntries(Array.from({ length: 9_000 }, (_, index) => [`m-${index}`, { wants: '1' }])));
  policyHas('Devices-meters', []);
  deleted('d');
  const { lines } = await said();
  expect(lines).toEqual([
    expect.stringMatching(
      /^- in meters\.csv, waiting for the board: m-0, .*, m-19 and 8,980 more; to let it enrol: bin\/fleet enrol m-0$/,
    ),
    expect.stringMatching(
      /^- in meters\.csv, but not deployed: m-9000, .*, m-9019 and 980 more; run: npx cdk deploy --all$/,
    ),
    expect.stringMatching(/^10002 devices, no problem, 2 notes/),
  ]);
});

test('--fix attaches the policy of the list', async () => {
  policyHas('Devices-meters', []);
  iot.on(AttachPolicyCommand).resolves({});
  expect((await doctor('--fix', '--yes')).code).toBe(0);
  expect(iot.commandCalls(AttachPolicyCommand).map(({ args }) => args[0].input)).toEqual([
    { policyName: 'Devices-meters', target: certificateArn('d') },
  ]);
});

test('its policy allows more than was deployed', async () => {
  policyAllows('topic/rtjm/*');
  const { code, lines } = await said();
  expect(code).toBe(1);
  expect(lines.join('\n')).toContain(
    '✗ the policy "Devices-meters" of meters.csv is not what fleet-site-meters deployed; it allows iot:Publish on arn:aws:iot:eu-west-1:111122223333:topic/rtjm/*',
  );
});

test('its policy is gone', async () => {
  const gone = new ResourceNotFoundException({ message: 'not here', $metadata: {} });
  iot.on(ListTargetsForPolicyCommand, { policyName: 'Devices-meters' }).rejects(gone);
  expect((await said()).lines.join('\n')).toContain(
    '✗ the policy Devices-meters is gone, although fleet-site-meters has it;',
  );
});

test.each<[string, string, ('ACTIVE' | 'INACTIVE')?]>([
  [
    'attic',
    '- certificate eeeeeeee of attic is INACTIVE; the cloud deletes it when its board uses another one',
    'INACTIVE',
  ],
  [
    'attic',
    '- certificate eeeeeeee of attic works beside its newest one; once its board has connected by that: aws iot update-certificate',
  ],
  [
    'stranger',
    '✗ the policy Devices-meters is attached to certificate eeeeeeee, which no device of meters.csv has; unless you know',
  ],
])('a certificate that was not admitted last, of %s, has its policy', async (thing, text, status = 'ACTIVE') => {
  certificate('e', status);
  attached('e', [thing], ['Devices-meters']);
  policyHas('Devices-meters', ['d', 'e']);
  expect((await said()).lines.join('\n')).toContain(text);
});
