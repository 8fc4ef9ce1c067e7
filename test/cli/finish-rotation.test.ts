import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import {
  DeleteCertificateCommand,
  DeleteConflictException,
  DetachPolicyCommand,
  DetachThingPrincipalCommand,
  ListAttachedPoliciesCommand,
  ListPrincipalThingsCommand,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import { DeleteConnectionCommand, IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import { DeleteParameterCommand } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { temporaryFleet } from '../lib/fleet/temporary-fleet.ts';
import {
  certificateArn,
  certificateId,
  cloudFormation,
  identityOf,
  identityStored,
  iot,
  nothingDeployed,
  siteDeployed,
  ssm,
  telemetryDeployed,
  thingHas,
} from './deployed.ts';
import { runFleet } from './run-fleet.ts';

const iotData = mockClient(IoTDataPlaneClient);
const dynamoDB = mockClient(DynamoDBClient);

const FILE = `devices:
  # the tall one
  kitchen: { board: esp8266 } # by the window
  shed: { board: esp32, revoked: true }
`;

let folder: string;
beforeEach(() => {
  vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:1');
  nothingDeployed();
  iotData.reset();
  dynamoDB.reset();
  siteDeployed('home', ['kitchen', 'shed']);
  folder = temporaryFleet({ 'home.yaml': FILE });
});

const rotate = (...argv: string[]) => runFleet(['rotate', ...argv, '--fleet', folder]);
const text = () => readFileSync(join(folder, 'home.yaml'), 'utf8');

const seenAt = (arrival: string) =>
  dynamoDB.on(QueryCommand).resolves({ Items: [{ arrival: { S: `${Date.parse(arrival)}#0` } }] });

/** The new identity is deployed, and the device has been seen since. The old one is of digit a, the new one of b. */
function rotated(): void {
  telemetryDeployed();
  thingHas('kitchen', { a: 'ACTIVE', b: 'ACTIVE' });
  identityStored('home', 'kitchen', identityOf('kitchen', 'b', { spec: '2 ec', serial: 2 }));
  identityStored('home', 'kitchen', identityOf('kitchen', 'a', { replacedBy: 2 }), 'previous');
  attached('a', ['kitchen'], ['kitchen']);
  attached('b', ['kitchen'], ['kitchen']);
  seenAt('2026-02-01T00:00:00Z');
  iot.on(UpdateCertificateCommand).resolves({});
  iot.on(DetachPolicyCommand).callsFake(() => {
    attached('a', ['kitchen'], []);
    return {};
  });
  iot.on(DetachThingPrincipalCommand).callsFake(() => {
    attached('a', [], []);
    return {};
  });
  iot.on(DeleteCertificateCommand).resolves({});
  iotData.on(DeleteConnectionCommand).resolves({});
  ssm.on(DeleteParameterCommand).resolves({});
}

function attached(digit: string, things: string[], policies: string[]): void {
  iot.on(ListPrincipalThingsCommand, { principal: certificateArn(digit) }).resolves({ things });
  iot
    .on(ListAttachedPoliciesCommand, { target: certificateArn(digit) })
    .resolves({ policies: policies.map((policyName) => ({ policyName })) });
}

/** The calls that change something, in their order. */
function changes(): string[] {
  const calls: { calledBefore(other: unknown): boolean; args: object[] }[] = [
    ...iot.calls(),
    ...iotData.calls(),
    ...ssm.calls(),
  ];
  return calls
    .sort((a, b) => (a.calledBefore(b) ? -1 : 1))
    .map(({ args: [command] }) => command?.constructor.name.replace(/Command$/, '') ?? '')
    .filter((name) => /^(Update|Detach|Delete)/.test(name));
}

test('takes the old identity away, step by step, and nothing of the new one', async () => {
  rotated();
  const { code, stdout, stderr } = await rotate('kitchen', '--finish', '--yes');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toBe(`✓ certificate aaaaaaaa cannot connect any more: not ACTIVE, and detached from kitchen
✓ the session of kitchen has ended
✓ certificate aaaaaaaa is deleted
✓ its record "previous" is deleted
`);
  expect(changes()).toEqual([
    'UpdateCertificate',
    'DetachPolicy',
    'DetachThingPrincipal',
    'DeleteConnection',
    'DeleteCertificate',
    'DeleteParameter',
  ]);
  expect(iot.commandCalls(UpdateCertificateCommand)[0]?.args[0].input).toEqual({
    certificateId: certificateId('a'),
    newStatus: 'INACTIVE',
  });
  expect(iot.commandCalls(DeleteCertificateCommand)[0]?.args[0].input).toEqual({ certificateId: certificateId('a') });
  expect(ssm.commandCalls(DeleteParameterCommand)[0]?.args[0].input).toEqual({
    Name: '/esp-fleet/home/kitchen/previous',
  });
  expect(text()).toBe(FILE);
});

test('waits until AWS IoT shows that the old certificate is detached', async () => {
  rotated();
  attached('a', ['kitchen'], []);
  iot.on(DetachPolicyCommand).resolves({});
  iot.on(DetachThingPrincipalCommand).resolves({});
  iot
    .on(ListPrincipalThingsCommand, { principal: certificateArn('a') })
    .resolvesOnce({ things: ['kitchen'] }) // nobody else's
    .resolvesOnce({ things: ['kitchen'] })
    .callsFake(() => {
      expect(iotData.calls()).toEqual([]);
      return { things: [] };
    });
  iot
    .on(DeleteCertificateCommand)
    .rejectsOnce(new DeleteConflictException({ message: 'still attached', $metadata: {} }))
    .resolves({});
  const { code } = await rotate('kitchen', '--finish', '--yes');
  expect(code).toBe(0);
  expect(iot.commandCalls(ListPrincipalThingsCommand, { principal: certificateArn('a') })).toHaveLength(3);
  expect(iot.commandCalls(DeleteCertificateCommand)).toHaveLength(2);
});

test.each([
  [{ a: 'INACTIVE', b: 'ACTIVE' } as const, 'UpdateCertificate'],
  [{ a: 'REVOKED', b: 'ACTIVE' } as const, 'UpdateCertificate'],
])('goes on where an earlier one stopped: %j', async (certificates, step) => {
  rotated();
  thingHas('kitchen', certificates);
  const { code } = await rotate('kitchen', '--finish', '--yes');
  expect(code).toBe(0);
  expect(changes()).not.toContain(step);
  expect(changes().slice(-2)).toEqual(['DeleteCertificate', 'DeleteParameter']);
});

test('goes on where the certificate is gone already', async () => {
  rotated();
  nothingLeftOf('a');
  const { code } = await rotate('kitchen', '--finish', '--yes');
  expect(code).toBe(0);
  expect(changes()).toEqual(['DeleteParameter']);
});

test('never touches the current certificate, though it is recorded as the one before as well', async () => {
  rotated();
  identityStored('home', 'kitchen', identityOf('kitchen', 'b', { spec: '2 ec', serial: 2 }), 'previous');
  const { code } = await rotate('kitchen', '--finish', '--yes');
  expect(code).toBe(0);
  expect(changes()).toEqual(['DeleteParameter']);
});

function nothingLeftOf(digit: string): void {
  identityStored('home', 'kitchen', identityOf('kitchen', 'c', { replacedBy: 2 }), 'previous'); // c is nowhere
  attached(digit, [], []);
}

test.each<[string, () => void, string]>([
  [
    'no identity before',
    () => identityStored('home', 'kitchen', { thingName: 'kitchen', privateKeyPem: 'KEY' }, 'previous'),
    'kitchen has no identity beside its current one: nothing to finish',
  ],
  [
    'the current one INACTIVE',
    () => thingHas('kitchen', { a: 'ACTIVE', b: 'INACTIVE' }),
    'the current identity of kitchen is INACTIVE, so the one before stays; see: npx fleet doctor',
  ],
  [
    'the current one without its certificate',
    () => identityStored('home', 'kitchen', identityOf('kitchen', 'd')),
    'the current identity of kitchen has no certificate, so the one before stays; see: npx fleet doctor',
  ],
  [
    'the current one detached from the thing',
    () => attached('b', [], ['kitchen']),
    'the current identity of kitchen is not attached to its thing, so the one before stays; see: npx fleet doctor',
  ],
  [
    'the current one without a policy',
    () => attached('b', ['kitchen'], []),
    'the current identity of kitchen has no policy, so the one before stays; see: npx fleet doctor',
  ],
  [
    'the one before attached to another thing',
    () => attached('a', ['attic'], []),
    'certificate aaaaaaaa is attached to the thing "attic"',
  ],
  [
    'a deployment under way, which might go back to it',
    () =>
      cloudFormation.on(DescribeStacksCommand, { StackName: 'fleet-site-home' }).resolves({
        Stacks: [{ StackName: 'fleet-site-home', CreationTime: new Date(0), StackStatus: 'UPDATE_IN_PROGRESS' }],
      }),
    'the site home is being deployed; wait until that is done, and try again',
  ],
])('refused, even with --yes: %s', async (_, differ, message) => {
  rotated();
  differ();
  const { code, stderr } = await rotate('kitchen', '--finish', '--yes');
  expect(stderr).toBe(`fleet: ${message}\n`);
  expect(code).toBe(1);
  expect(changes()).toEqual([]);
});

test('a device that has not been seen since: refused, and with --yes done after a warning', async () => {
  rotated();
  seenAt('2026-01-31T11:59:59Z');
  const refused = await rotate('kitchen', '--finish');
  expect(refused.stderr).toMatch(/^fleet: kitchen has not been seen since its current identity was made \(2026-01-31 /);
  expect(refused.stderr).toContain('flash it first (npx fleet secrets kitchen)');
  expect(refused.code).toBe(1);
  expect(changes()).toEqual([]);

  const done = await rotate('kitchen', '--finish', '--yes');
  expect(done.stderr).toMatch(/^! kitchen has not been seen since its current identity was made/);
  expect(done.code).toBe(0);
  expect(changes()).toContain('DeleteCertificate');
});

test.each([
  ['y\n', 0],
  ['\n', 1],
])('a person is asked, and answers %j', async (answer, expected) => {
  rotated();
  const { code, stderr } = await runFleet(['rotate', 'kitchen', '--finish', '--fleet', folder], { answer });
  expect(stderr).toContain('Take the identity of generation 1 (certificate aaaaaaaa) away from kitchen?');
  expect(code).toBe(expected);
  expect(changes().length > 0).toBe(expected === 0);
});
