import {
  CloudFormationClient,
  ContinueUpdateRollbackCommand,
  CreateChangeSetCommand,
  DescribeChangeSetCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
  GetTemplateCommand,
} from '@aws-sdk/client-cloudformation';
import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreateCertificateFromCsrCommand,
  CreatePolicyCommand,
  CreateThingCommand,
  DeletePolicyCommand,
  DescribeCertificateCommand,
  DescribeThingCommand,
  IoTClient,
  ListAttachedPoliciesCommand,
  ListPoliciesCommand,
  ListPrincipalThingsCommand,
} from '@aws-sdk/client-iot';
import { GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';
import { Faults } from '@esp-fleet/local-cloud';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { certificateRequest, newPrivateKey } from '../../lambda/device-certificate/key.ts';
import { runFleet } from '../cli/run-fleet.ts';
import { board, connected } from '../../testing/cloud/board.ts';
import { type Deployment, startDeployment } from '../../testing/cloud/deployment.ts';
import { Publisher } from '../../testing/cloud/publisher.ts';

/*
 * A thing that was made by hand comes to the fleet and leaves it, with every call that this takes failed once, before it has
 * its effect and after it, while its board publishes all the time. test/lambda/device-certificate/adoption.test.ts does the
 * same with the function alone, whose runs are killed besides.
 */

const STACK = 'fleet-site-home';
const faults = new Faults();
let deployment: Deployment;
let cloudFormation: CloudFormationClient;
let iot: IoTClient;
let ssm: SSMClient;
let publisher: Publisher;
let changeSets = 0;
let certificate: { readonly id: string; readonly arn: string };
/** The site without the device, with its certificate that keeps its policy, and with the one that does not. */
const templates = { without: '', keeping: '', adopted: '' };
type State = keyof typeof templates;

beforeAll(async () => {
  deployment = await startDeployment({ faults });
  for (const [name, value] of Object.entries(deployment.cloud.environment)) vi.stubEnv(name, value);
  cloudFormation = new CloudFormationClient(deployment.client);
  iot = new IoTClient(deployment.client);
  ssm = new SSMClient(deployment.client);
  const key = newPrivateKey('ec');
  const certificateSigningRequest = await certificateRequest(key, 'by-hand');
  const made = await iot.send(new CreateCertificateFromCsrCommand({ certificateSigningRequest, setAsActive: true }));
  certificate = { id: made.certificateId ?? '', arn: made.certificateArn ?? '' };
  const Statement = [{ Effect: 'Allow', Action: 'iot:*', Resource: '*' }];
  const policyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  await iot.send(new CreatePolicyCommand({ policyName: 'wide', policyDocument }));
  await iot.send(new CreateThingCommand({ thingName: 'attic', attributePayload: { attributes: { shelf: '3' } } }));
  await iot.send(new AttachThingPrincipalCommand({ thingName: 'attic', principal: certificate.arn }));
  await iot.send(new AttachPolicyCommand({ policyName: 'wide', target: certificate.arn }));

  deployment.writeSite('home', 'devices: {}\n');
  const { code, stderr } = await deployment.cdk('deploy', STACK, '--require-approval', 'never');
  expect(code, stderr).toBe(0);
  templates.without = (await cloudFormation.send(new GetTemplateCommand({ StackName: STACK }))).TemplateBody ?? '';
  for (const [state, more] of [
    ['keeping', ', policies: [wide]'],
    ['adopted', ''],
  ] as const) {
    deployment.writeSite('home', `devices: { attic: { board: esp32, certificate: ${certificate.id}${more} } }\n`);
    const synthesis = await deployment.cdk('synth', STACK, '--quiet');
    expect(synthesis.code, synthesis.stderr).toBe(0);
    templates[state] = readFileSync(join(deployment.folder, 'cdk.out', `${STACK}.template.json`), 'utf8');
  }
  const client = board(deployment.cloud.mqttPort, 'attic', {
    cert: made.certificatePem ?? '',
    key,
    ca: deployment.cloud.rootCaPem,
  });
  await connected(client);
  publisher = new Publisher(client, 'rtjm/attic/telemetry');
  publisher.start();
}, 120_000);
afterAll(async () => {
  vi.unstubAllEnvs();
  await publisher.stop();
  await deployment.close();
});

async function settled(): Promise<string> {
  for (;;) {
    // The answer is held while an operation runs.
    const { Stacks: [stack] = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: STACK }));
    if (!stack?.StackStatus?.endsWith('_IN_PROGRESS')) return stack?.StackStatus ?? '';
  }
}

/** What `cdk deploy --import-existing-resources` does. @returns whether it succeeded */
async function deploy(state: State): Promise<boolean> {
  if ((await settled()) === 'UPDATE_ROLLBACK_FAILED') {
    await cloudFormation.send(new ContinueUpdateRollbackCommand({ StackName: STACK }));
    await settled();
  }
  const change = { StackName: STACK, ChangeSetName: `changes-${++changeSets}` };
  try {
    await cloudFormation.send(
      new CreateChangeSetCommand({
        ...change,
        TemplateBody: templates[state],
        Capabilities: ['CAPABILITY_IAM'],
        ImportExistingResources: true,
      }),
    );
  } catch (error) {
    if ((error as Error).name !== 'InjectedFailure') throw error; // CloudFormation looks for what there is to import
    return false;
  }
  const { Status, StatusReason = '' } = await cloudFormation.send(new DescribeChangeSetCommand(change));
  if (Status === 'FAILED') {
    expect(StatusReason).toContain("didn't contain changes");
    return true;
  }
  await cloudFormation.send(new ExecuteChangeSetCommand(change));
  return (await settled()) === 'UPDATE_COMPLETE';
}

/** Whatever went wrong before, once it is tried again and doctor has done what it can. */
async function untilDeployed(state: State): Promise<void> {
  const entry = { without: '', keeping: ', policies: [wide]', adopted: '' }[state];
  const device = state === 'without' ? '' : `attic: { board: esp32, certificate: ${certificate.id}${entry} }`;
  deployment.writeSite('home', `devices: {${device}}\n`);
  for (let attempt = 0; attempt < 3; attempt++) {
    if (await deploy(state)) return;
    await followDoctor();
  }
  throw new Error(`it does not come to ${state}`);
}

/** Does what doctor does, and what it tells people to do: a creation whose answer was lost leaves a policy in the way. */
async function followDoctor(): Promise<void> {
  const { stdout } = await runFleet(['doctor', '--fix', '--yes', '--fleet', deployment.fleetDir]);
  if (stdout.includes('attic cannot be deployed: there is a policy of that name already'))
    await iot.send(new DeletePolicyCommand({ policyName: 'attic' }));
}

const asItIs = async () => {
  const { certificateDescription: { status } = {} } = await iot.send(
    new DescribeCertificateCommand({ certificateId: certificate.id }),
  );
  const { things } = await iot.send(new ListPrincipalThingsCommand({ principal: certificate.arn }));
  const { policies = [] } = await iot.send(new ListAttachedPoliciesCommand({ target: certificate.arn }));
  const { policies: all = [] } = await iot.send(new ListPoliciesCommand({}));
  const { attributes } = await iot.send(new DescribeThingCommand({ thingName: 'attic' }));
  const { Parameters = [] } = await ssm.send(new GetParametersByPathCommand({ Path: '/esp-fleet', Recursive: true }));
  return {
    ...{ status, things, shelf: attributes?.shelf, parameters: Parameters.map(({ Name }) => Name) },
    attached: policies.map(({ policyName }) => policyName).sort(),
    policies: all.map(({ policyName }) => policyName).sort(),
  };
};
const expected = (state: State) => ({
  ...{ status: 'ACTIVE', things: ['attic'], shelf: '3' },
  parameters: state === 'without' ? [] : ['/esp-fleet/home/attic/1/certificate'],
  attached: { without: ['wide'], keeping: ['attic', 'wide'], adopted: ['attic'] }[state],
  policies: state === 'without' ? ['wide'] : ['attic', 'wide'],
});

it.each<[State, State]>([
  ['without', 'adopted'],
  ['keeping', 'adopted'],
  ['adopted', 'without'],
])('from %s to %s: whichever call fails', { timeout: 300_000 }, async (from, to) => {
  await untilDeployed(from);
  faults.clear();
  expect(await deploy(to)).toBe(true);
  // Those of the test itself are about stacks; Lambda writes the function's log.
  const calls = faults.calls.filter(({ service }) => !['cloudformation', 'logs', 's3', 'dynamodb'].includes(service));
  expect(await asItIs()).toEqual(expected(to));
  expect(calls.length).toBeGreaterThan(5);
  const seen = new Map<string, number>();
  for (const { service, operation, caller } of calls) {
    const occurrence = (seen.get(`${service}:${operation} ${caller}`) ?? 0) + 1;
    seen.set(`${service}:${operation} ${caller}`, occurrence);
    for (const kind of ['fail before', 'fail after'] as const) {
      if (operation === 'Invoke' && kind === 'fail after') continue; // Lambda does not refuse what it has queued
      await untilDeployed(from);
      faults.clear();
      faults.add({ service, operation, occurrence, caller, kind });
      const isDone = await deploy(to);
      faults.clear();
      const what = `${kind}: ${service}:${operation} #${occurrence}`;
      if (!isDone) expect(await asItIs(), what).toMatchObject({ status: 'ACTIVE', things: ['attic'], shelf: '3' });
      await untilDeployed(to);
      await followDoctor();
      expect(await asItIs(), what).toEqual(expected(to));
      expect(publisher.cutOffAt, what).toBeUndefined();
    }
  }
});
