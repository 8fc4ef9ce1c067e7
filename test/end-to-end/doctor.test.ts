import {
  AttachPolicyCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  DeletePolicyCommand,
  DeleteThingCommand,
  DetachPolicyCommand,
  DetachThingPrincipalCommand,
  GetPolicyCommand,
  IoTClient,
  ListThingPrincipalsCommand,
  SetV2LoggingOptionsCommand,
} from '@aws-sdk/client-iot';
import { Faults, finalFailure } from '@esp-fleet/local-cloud';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Deployment, startDeployment } from '../../testing/cloud/deployment.ts';

/* What people and failed calls leave behind in a real deployment is found, settled, and no longer in the way. */

const KITCHEN = '  kitchen: { board: esp8266 }\n';
const GARAGE = '  garage: { board: esp32 }\n';

const faults = new Faults();
let deployment: Deployment;
let iot: IoTClient;

beforeAll(async () => {
  deployment = await startDeployment({ faults });
  iot = new IoTClient(deployment.client);
  await deploy(KITCHEN + GARAGE);
  const roleArn = 'arn:aws:iam::000000000000:role/logs';
  await iot.send(new SetV2LoggingOptionsCommand({ roleArn, defaultLogLevel: 'ERROR' }));
});
afterAll(() => deployment.close());

async function deploy(devices: string, stack = 'fleet-site-home'): Promise<void> {
  deployment.writeSite('home', `devices:\n${devices}`);
  const { code, stderr } = await deployment.cdk('deploy', stack, '--require-approval', 'never');
  expect(code, stderr).toBe(0);
}

interface Found {
  readonly code: number | null;
  readonly texts: readonly string[];
}

async function doctor(...options: string[]): Promise<Found> {
  const { code, stdout, stderr } = await deployment.fleet('doctor', '--json', ...options);
  expect(stderr).toBe('');
  const { findings } = JSON.parse(stdout) as { findings: { text: string }[] };
  return { code, texts: findings.map(({ text }) => text) };
}

it('finds that a site was deployed without what makes rows, and then nothing wrong with what was just deployed', async () => {
  const lost =
    'fleet-telemetry is not deployed: the broker takes what devices publish, and no row comes of it; ' +
    'run: npx cdk deploy --all';
  expect(await doctor()).toEqual({ code: 1, texts: [lost] });
  await deploy(KITCHEN + GARAGE, '--all');
  expect(await doctor()).toEqual({ code: 0, texts: [] });
});

async function principalOf(thingName: string): Promise<string | undefined> {
  const { principals: [principal] = [] } = await iot.send(new ListThingPrincipalsCommand({ thingName }));
  return principal;
}

it('finds what somebody has allowed a device besides, and takes its policy back', async () => {
  const everything = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'iot:*', Resource: '*' }],
  });
  const documentOf = async () => (await iot.send(new GetPolicyCommand({ policyName: 'kitchen' }))).policyDocument;
  const before = await documentOf();
  // As many versions as AWS IoT keeps.
  for (let version = 2; version <= 5; version += 1) {
    const edit = { policyName: 'kitchen', policyDocument: everything, setAsDefault: true };
    await iot.send(new CreatePolicyVersionCommand(edit));
  }
  await iot.send(new CreatePolicyCommand({ policyName: 'wide', policyDocument: everything }));
  const target = await principalOf('garage');
  await iot.send(new AttachPolicyCommand({ policyName: 'wide', target }));
  const wide = expect.stringMatching(
    /^certificate [0-9a-f]{8} of garage has the policy "wide" besides its own; unless you know what it is for: aws iot detach-policy --policy-name wide --target arn:\S+$/,
  ) as string;
  const edited = 'the policy "kitchen" of kitchen is not what fleet-site-home deployed; it allows iot:* on *';
  expect(await doctor()).toEqual({ code: 1, texts: [edited, wide] });

  expect(await doctor('--fix', '--yes')).toEqual({ code: 1, texts: [edited, wide] });
  expect(JSON.parse((await documentOf()) ?? '')).toEqual(JSON.parse(before ?? ''));
  await iot.send(new DetachPolicyCommand({ policyName: 'wide', target }));
  await iot.send(new DeletePolicyCommand({ policyName: 'wide' }));
  expect(await doctor()).toEqual({ code: 0, texts: [] });
});

it('finds and mends what somebody has detached and deleted', async () => {
  const kitchen = await principalOf('kitchen');
  await iot.send(new DetachThingPrincipalCommand({ thingName: 'kitchen', principal: kitchen }));
  await iot.send(new DeleteThingCommand({ thingName: 'kitchen' }));
  await iot.send(new DetachPolicyCommand({ policyName: 'garage', target: await principalOf('garage') }));
  expect(await doctor()).toEqual({
    code: 1,
    texts: [
      'the thing of kitchen is gone, although fleet-site-home has it',
      expect.stringMatching(/^certificate [0-9a-f]{8} of kitchen is ACTIVE, but not attached to its thing$/),
      expect.stringMatching(/^certificate [0-9a-f]{8} of garage is ACTIVE, but not attached to its policy$/),
    ],
  });
  expect((await doctor('--fix', '--yes')).code).toBe(0);
  expect(await doctor()).toEqual({ code: 0, texts: [] });
  expect(await principalOf('kitchen')).toBe(kitchen);
});

it(
  'finds and removes what CloudFormation has given up, so that the device can be deployed anew',
  { timeout: 120_000 },
  async () => {
    const fails = { kind: 'fail before', service: 'iot', error: finalFailure() } as const;
    // The function tries three times; what stays attached keeps CloudFormation from deleting thing and policy.
    for (let attempt = 0; attempt < 3; attempt += 1) faults.add({ ...fails, operation: 'DetachPolicy' });
    await deploy(KITCHEN);
    expect(faults.injected).toHaveLength(3);
    const left = [
      expect.stringMatching(
        /^garage is neither in home\.yaml nor deployed, but left of it: its identity in the Parameter Store, its policy, its thing \(certificate [0-9a-f]{8} is INACTIVE\)$/,
      ),
    ];
    expect(await doctor()).toEqual({ code: 1, texts: left });

    deployment.writeSite('home', `devices:\n${KITCHEN}${GARAGE}`);
    expect((await doctor()).texts).toContainEqual(
      expect.stringMatching(/^garage cannot be deployed: there is a thing and a policy of that name already; /),
    );
    deployment.writeSite('home', `devices:\n${KITCHEN}`);

    expect(await doctor('--fix', '--yes')).toEqual({ code: 0, texts: left });
    expect(await doctor()).toEqual({ code: 0, texts: [] });
    await deploy(KITCHEN + GARAGE);
    expect(await doctor()).toEqual({ code: 0, texts: [] });
  },
);
