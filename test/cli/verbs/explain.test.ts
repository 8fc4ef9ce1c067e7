import { GetPolicyCommand, ListAttachedPoliciesCommand } from '@aws-sdk/client-iot';
import { beforeEach, describe, expect, test } from 'vitest';
import { temporaryFleet } from '../../lib/fleet/temporary-fleet.ts';
import { certificateArn, iot, nothingDeployed, thingHas } from '../deployed.ts';
import { type Finished, runFleet } from '../run-fleet.ts';

const ARN = 'arn:aws:iot:eu-west-1:111122223333:';

/** What the app deploys for a device. */
const POLICY = {
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'Connect',
      Effect: 'Allow',
      Action: 'iot:Connect',
      Resource: `${ARN}client/kitchen`,
      Condition: { Bool: { 'iot:Connection.Thing.IsAttached': 'true' } },
    },
    { Sid: 'Publish', Effect: 'Allow', Action: 'iot:Publish', Resource: `${ARN}topic/rtjm/kitchen/*` },
    { Sid: 'Subscribe', Effect: 'Allow', Action: 'iot:Subscribe', Resource: `${ARN}topicfilter/cmd/rtjm/kitchen/*` },
    { Sid: 'Receive', Effect: 'Allow', Action: 'iot:Receive', Resource: `${ARN}topic/cmd/rtjm/kitchen/*` },
  ],
};

function deploy(policy: object | undefined, certificates: Parameters<typeof thingHas>[1] = { a: 'ACTIVE' }) {
  thingHas('kitchen', certificates);
  for (const digit of Object.keys(certificates)) {
    iot
      .on(ListAttachedPoliciesCommand, { target: certificateArn(digit) })
      .resolves({ policies: policy ? [{ policyName: 'kitchen' }] : [] });
  }
  iot.on(GetPolicyCommand, { policyName: 'kitchen' }).resolves({ policyDocument: JSON.stringify(policy) });
}

function explain(...argv: string[]): Promise<Finished> {
  const fleet = temporaryFleet({ 'home.yaml': 'devices:\n  kitchen: { board: esp32 }\n  garage: { board: esp32 }\n' });
  return runFleet(['explain', ...argv, '--fleet', fleet]);
}

beforeEach(nothingDeployed);

describe('what a device may do', () => {
  test.each([
    [
      ['publish', 'rtjm/kitchen/telemetry'],
      'publish to rtjm/kitchen/telemetry',
      `Publish, allows iot:Publish on ${ARN}topic/rtjm/kitchen/*`,
    ],
    [
      ['subscribe', 'cmd/rtjm/kitchen/#'],
      'subscribe to cmd/rtjm/kitchen/#',
      `Subscribe, allows iot:Subscribe on ${ARN}topicfilter/cmd/rtjm/kitchen/*`,
    ],
    [
      ['receive', 'cmd/rtjm/kitchen/relay'],
      'receive from cmd/rtjm/kitchen/relay',
      `Receive, allows iot:Receive on ${ARN}topic/cmd/rtjm/kitchen/*`,
    ],
    [['connect'], 'connect as kitchen', `Connect, allows iot:Connect on ${ARN}client/kitchen`],
  ])('%j', async (argv, may, statement) => {
    deploy(POLICY);
    const { code, stdout, stderr } = await explain('kitchen', ...argv);
    expect(stderr).toBe('');
    expect(stdout).toBe(`kitchen may ${may}\n  policy kitchen, statement ${statement}\n`);
    expect(code).toBe(0);
  });
});

describe('what it may not do, with exit code 3', () => {
  test.each([
    [
      ['publish', 'rtjm/garage/telemetry'],
      'publish to rtjm/garage/telemetry',
      `no statement allows iot:Publish on ${ARN}topic/rtjm/garage/telemetry: policy kitchen, statement Publish, covers only ${ARN}topic/rtjm/kitchen/*`,
    ],
    [
      ['connect', 'garage'],
      'connect as garage',
      `no statement allows iot:Connect on ${ARN}client/garage: policy kitchen, statement Connect, covers only ${ARN}client/kitchen`,
    ],
    [
      ['subscribe', '#'],
      'subscribe to #',
      `no statement allows iot:Subscribe on ${ARN}topicfilter/#: policy kitchen, statement Subscribe, covers only ${ARN}topicfilter/cmd/rtjm/kitchen/*`,
    ],
  ])('%j', async (argv, mayNot, why) => {
    deploy(POLICY);
    const { code, stdout } = await explain('kitchen', ...argv);
    expect(stdout).toBe(`kitchen may not ${mayNot}\n  ${why}\n`);
    expect(code).toBe(3);
  });

  test.each([
    [
      'a Deny',
      { ...POLICY, Statement: [...POLICY.Statement, { Effect: 'Deny', Action: 'iot:*', Resource: '*' }] },
      { a: 'ACTIVE' },
      ['policy kitchen, statement 5, denies iot:Publish on *'],
    ],
    [
      'nothing about the action',
      { ...POLICY, Statement: POLICY.Statement.slice(0, 1) },
      { a: 'ACTIVE' },
      ['no statement of its policies (kitchen) is about iot:Publish'],
    ],
    ['no policy', undefined, { a: 'ACTIVE' }, ['no policy is attached to its certificate']],
    ['no certificate', POLICY, {}, ['no certificate is attached to its thing, so it cannot connect at all']],
    [
      'a certificate that is REVOKED',
      POLICY,
      { a: 'REVOKED' },
      [
        'its certificate aaaaaaaa is REVOKED, so it cannot connect at all',
        `policy kitchen, statement Publish, allows iot:Publish on ${ARN}topic/rtjm/kitchen/*`,
      ],
    ],
  ] as const)('%s', async (_, policy, certificates, why) => {
    deploy(policy, certificates);
    const { code, stdout } = await explain('kitchen', 'publish', 'rtjm/kitchen/t');
    expect(stdout).toBe(
      ['kitchen may not publish to rtjm/kitchen/t', ...why.map((line) => `  ${line}`), ''].join('\n'),
    );
    expect(code).toBe(3);
  });
});

test('of two certificates, one that may is enough', async () => {
  deploy(POLICY, { a: 'REVOKED', b: 'ACTIVE' });
  expect((await explain('kitchen', 'publish', 'rtjm/kitchen/t')).code).toBe(0);
});

test('--json', async () => {
  deploy(POLICY);
  const allowed = await explain('kitchen', 'publish', 'rtjm/kitchen/t', '--json');
  expect(JSON.parse(allowed.stdout)).toEqual({
    device: 'kitchen',
    action: 'publish',
    target: 'rtjm/kitchen/t',
    allowed: true,
    policy: 'kitchen',
    statement: 'Publish',
    why: [`policy kitchen, statement Publish, allows iot:Publish on ${ARN}topic/rtjm/kitchen/*`],
  });
  const refused = await explain('kitchen', 'publish', 'x', '--json');
  expect(JSON.parse(refused.stdout)).toMatchObject({ allowed: false });
  expect(refused.code).toBe(3);
});

describe('no answer, with exit code 1', () => {
  test('a construct that it does not know', async () => {
    const organisation = { StringEquals: { 'iot:Certificate.Subject.Organization': 'X' } };
    deploy({ ...POLICY, Statement: [{ ...POLICY.Statement[1], Condition: organisation }] });
    const { code, stdout, stderr } = await explain('kitchen', 'publish', 'rtjm/kitchen/t');
    expect(stderr).toBe(
      'fleet: cannot tell whether it may: in policy kitchen, statement Publish, fleet explain does not understand iot:Certificate.Subject.Organization\n',
    );
    expect(stdout).toBe('');
    expect(code).toBe(1);
  });

  test.each([
    [['garage', 'publish', 'x'], 'device "garage" is not deployed; run: npx cdk deploy --all'],
    [['kitchen', 'publish', 'a/#'], '"a/#" is a topic filter; a device can publish to topics only'],
    [['kitchen', 'receive', '+'], '"+" is a topic filter; a device can receive from topics only'],
    [
      ['kitchen', 'subscribe', 'a/#/b'],
      '"a/#/b" is no topic filter: + stands for a whole level, # for all levels at the end',
    ],
    [['kitchen', 'publish'], 'publish to what? Name a topic; see: bin/fleet explain --help'],
    [['kitchen', 'subscribe'], 'subscribe to what? Name a topic filter; see: bin/fleet explain --help'],
    [['kitchen', 'receive', ''], 'receive from what? It must not be empty'],
  ])('%j', async (argv, message) => {
    expect(await explain(...argv)).toMatchObject({ code: 1, stderr: `fleet: ${message}\n` });
  });

  test('an action that there is not', async () => {
    const { code, stderr } = await explain('kitchen', 'delete', 'x');
    expect(stderr).toContain('Allowed choices are connect, publish, subscribe, receive');
    expect(code).toBe(1);
  });
});
