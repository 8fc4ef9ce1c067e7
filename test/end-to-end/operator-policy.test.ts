import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateCertificateFromCsrCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  DeleteThingCommand,
  DetachPolicyCommand,
  DetachThingPrincipalCommand,
  IoTClient,
  ListThingPrincipalsCommand,
} from '@aws-sdk/client-iot';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { FleetNames } from '../../lib/fleet/names.ts';
import { startPageServer } from '../../cli/web/server.ts';
import { PageClient } from '../cli/web/page-client.ts';
import { type Finished, runFleet } from '../cli/run-fleet.ts';
import { newRequest } from '../lib/fleet/certificate-requests.ts';
import { type Deployment, startDeployment } from '../../testing/cloud/deployment.ts';

/*
 * An operator who begins with no permission at all. Whatever is refused is granted then, by the statement of
 * docs/operator-policy.json that has it, until every verb does its work. So each action was missed by a verb that named
 * it, and together they are enough.
 */

interface Statement {
  readonly Sid: string;
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
}

const { Statement: ALL } = JSON.parse(readFileSync('docs/operator-policy.json', 'utf8')) as { Statement: Statement[] };

let deployment: Deployment;
const granted = new Set<string>();
/** By action, the verbs that missed it. */
const missed = new Map<string, Set<string>>();

beforeAll(async () => {
  deployment = await startDeployment();
  deployment.settings.silentAfter = '6h';
  deployment.writeSite(
    'home',
    'devices:\n  kitchen: { board: esp8266 }\n  garage: { board: esp32 }\n  attic: { board: esp32 }\n  loft: { board: esp32, key: board }\n',
  );
  deployment.writeSite('meters', 'list: meters.csv\n');
  writeFileSync(join(deployment.fleetDir, 'meters.csv'), 'name,board\nmeter,esp32\n');
  const { code, stderr } = await deployment.cdk('deploy', '--all');
  expect(code, stderr).toBe(0);
  const iam = new IAMClient(deployment.client);
  const trust = { Effect: 'Allow', Principal: { AWS: '000000000000' }, Action: 'sts:AssumeRole' };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName: 'operator', AssumeRolePolicyDocument }));
  const { Credentials } = await new STSClient(deployment.client).send(
    new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: 'operator' }),
  );
  for (const [name, value] of Object.entries(deployment.cloud.environment)) vi.stubEnv(name, value);
  vi.stubEnv('AWS_ACCESS_KEY_ID', Credentials?.AccessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', Credentials?.SecretAccessKey);
  vi.stubEnv('AWS_SESSION_TOKEN', Credentials?.SessionToken);
});
afterAll(() => deployment.close());

/** The policy with what is granted so far of it. */
async function grant(...actions: string[]): Promise<void> {
  for (const action of actions) granted.add(action);
  const Statement = ALL.map(({ Sid, Action, Resource }) => {
    return { Sid, Effect: 'Allow', Action: Action.filter((action) => granted.has(action)), Resource };
  }).filter(({ Action }) => Action.length > 0);
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  await new IAMClient(deployment.client).send(
    new PutRolePolicyCommand({ RoleName: 'operator', PolicyName: 'operator', PolicyDocument }),
  );
}

/** Grants what is refused to a verb, until nothing is. Of what it asks for at once it names one at least. */
async function untilAllowed(verb: string, run: () => Promise<Finished>): Promise<Finished> {
  for (;;) {
    deployment.log.refusals.length = 0;
    const finished = await run();
    const refused = [...new Set(deployment.log.refusals.map(({ action }) => action))];
    for (const action of refused) {
      expect(granted, `${verb} is refused ${action}, which it has: on another resource`).not.toContain(action);
    }
    const said = finished.stdout + finished.stderr;
    const named = refused.filter((action) => said.includes(action));
    if (refused.length === 0) return finished;
    expect(named, `${verb} names ${refused.join()}: ${said}`).not.toEqual([]);
    for (const action of named) missed.set(action, (missed.get(action) ?? new Set()).add(verb));
    await grant(...named);
  }
}

const fleet = (...argv: string[]) =>
  untilAllowed(argv[0] ?? '', () => runFleet([...argv, '--fleet', deployment.fleetDir]));

async function well(finished: Promise<Finished>): Promise<string> {
  const { code, stdout, stderr } = await finished;
  expect(code, stdout + stderr).toBe(0);
  return stdout;
}

/** What an administrator does. */
const admin = {
  iot: () => new IoTClient(deployment.client),
  ssm: () => new SSMClient(deployment.client),
  certificateOf: async (thingName: string) => {
    const { principals } = await admin.iot().send(new ListThingPrincipalsCommand({ thingName }));
    return principals?.[0] ?? '';
  },
};

/** A message that the table did not take. */
async function deadLetter(payload: string): Promise<void> {
  const { Stacks } = await new CloudFormationClient(deployment.client).send(
    new DescribeStacksCommand({ StackName: 'fleet-telemetry' }),
  );
  const QueueUrl = Stacks?.[0]?.Outputs?.find(({ OutputKey }) => OutputKey === 'DeadLetterQueueUrl')?.OutputValue;
  const MessageBody = JSON.stringify({
    ruleName: 'fleet_telemetry',
    topic: 'rtjm/kitchen/telemetry',
    cloudwatchTraceId: crypto.randomUUID(),
    clientId: 'kitchen',
    base64OriginalPayload: Buffer.from(payload).toString('base64'),
    failures: [],
  });
  await new SQSClient(deployment.client).send(new SendMessageCommand({ QueueUrl, MessageBody }));
}

it('what only reads', async () => {
  expect(await well(fleet('list'))).toMatch(/kitchen .*ACTIVE/);
  expect(await well(fleet('import'))).toContain('0 things beside the fleet');
  await well(fleet('doctor'));
  await well(fleet('latest'));
  await well(fleet('query', 'kitchen', '--since', '1h'));
  await well(fleet('explain', 'kitchen', 'connect'));
  await well(fleet('secrets', 'kitchen', '--pem', join(deployment.folder, 'pem')));
});

// A message that nobody may give back comes back after half a minute.
it('send and redrive', { timeout: 120_000 }, async () => {
  const sent = await fleet('send', 'kitchen', '{}');
  expect(sent.stdout).toContain('published to cmd/rtjm/kitchen/command');
  await deadLetter('{"t":1}');
  await well(fleet('redrive', '--dry-run'));
  await well(fleet('redrive'));
  expect(await well(fleet('query', 'kitchen', '--since', '1h'))).toContain('t=1');
});

it('enrol, rotate and revoke', async () => {
  expect(await well(fleet('enrol', 'loft'))).toMatch(/^enrol loft /);
  expect(await well(fleet('enrol', 'meter'))).toMatch(/^enrol meter /);
  await well(fleet('rotate', 'attic'));
  const token = process.env.AWS_SESSION_TOKEN;
  vi.stubEnv('AWS_SESSION_TOKEN', undefined); // an administrator deploys
  const { code, stderr } = await deployment.cdk('deploy', 'fleet-site-home');
  expect(code, stderr).toBe(0);
  vi.stubEnv('AWS_SESSION_TOKEN', token);
  await well(fleet('rotate', 'attic', '--finish', '--yes'));
  await well(fleet('revoke', 'garage', '--yes'));
});

it('doctor --fix', async () => {
  const iot = admin.iot();
  // kitchen: its policy edited as often as AWS IoT keeps versions, detached, its thing gone.
  const everything = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'iot:*', Resource: '*' }],
  });
  for (let version = 2; version <= 5; version += 1)
    await iot.send(
      new CreatePolicyVersionCommand({ policyName: 'kitchen', policyDocument: everything, setAsDefault: true }),
    );
  const kitchen = await admin.certificateOf('kitchen');
  await iot.send(new DetachPolicyCommand({ policyName: 'kitchen', target: kitchen }));
  await iot.send(new DetachThingPrincipalCommand({ thingName: 'kitchen', principal: kitchen }));
  await iot.send(new DeleteThingCommand({ thingName: 'kitchen' }));
  // shed: gone, but for its identity; and what a deletion leaves that did not come to its end.
  const request = await newRequest();
  const made = await iot.send(
    new CreateCertificateFromCsrCommand({ certificateSigningRequest: request, setAsActive: true }),
  );
  const { certificateId, certificateArn, certificatePem } = made;
  const Value = JSON.stringify({ certificateId, certificateArn, certificatePem });
  await admin
    .ssm()
    .send(new PutParameterCommand({ Name: '/esp-fleet/home/shed/1/certificate', Value, Type: 'SecureString' }));
  await iot.send(new CreatePolicyCommand({ policyName: 'shed.detached', policyDocument: everything }));
  await fleet('doctor', '--fix', '--yes');
  await well(fleet('doctor'));
});

it('the page', async () => {
  await deadLetter('{"t":2}');
  const server = await startPageServer({ fleet: deployment.fleetDir, names: new FleetNames(), settings: undefined }, 0);
  onTestFinished(() => server.close());
  const client = new PageClient(server.link);
  await untilAllowed('web', async () => {
    const told = [];
    for await (const event of client.events()) {
      told.push(event);
      if (event.type === 'watch' && told.some(({ type }) => type === 'fleet')) break;
    }
    const asked = [];
    for (const path of ['/api/messages?device=kitchen', '/api/dead-letters', '/api/revocation?device=kitchen'])
      asked.push((await client.api(path)).body);
    const [{ arrival = '' } = {}] = JSON.parse(asked[0] ?? '') as { arrival?: string }[];
    asked.push((await client.api(`/api/message?device=kitchen&arrival=${encodeURIComponent(arrival)}`)).body);
    return { code: 0, stdout: JSON.stringify(told) + asked.join(), stderr: '' };
  });
});

it('every action of the policy was missed by a verb, which named it', () => {
  const actions = ALL.flatMap(({ Action }) => Action);
  // CloudFormation leaves a thing only where a deletion fails, see doctor.test.ts.
  expect(actions.filter((action) => !missed.has(action))).toEqual(['iot:DeleteThing']);
  // Which verb calls for which, whether it was run here or not, test/cli/operator-policy.test.ts reads from the code.
});
