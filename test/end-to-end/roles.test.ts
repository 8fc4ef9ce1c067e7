import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  CloudFormationClient,
  DescribeStackEventsCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  GetTemplateCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { GetRolePolicyCommand, IAMClient, ListRolePoliciesCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { DeletePolicyCommand, DeleteThingCommand, IoTClient, ListCertificatesCommand } from '@aws-sdk/client-iot';
import { IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { InvokeCommand, LambdaClient, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Deployment, startDeployment } from '../../testing/cloud/deployment.ts';
import { emittedIdentity } from '../../testing/cloud/emitted-identity.ts';

/*
 * The roles are exactly enough: every single action is taken out in turn, and what then fails names that action and the
 * resource. An action whose loss nothing notices would be one too many.
 */

interface PolicyDocument {
  Statement: { Action: string | string[]; Resource: string | string[]; Sid?: string }[];
}
interface RolePolicy {
  readonly roleName: string;
  readonly policyName: string;
  readonly document: PolicyDocument;
}

const list = (value: string | string[]): string[] => (Array.isArray(value) ? value : [value]);
const actionsOf = ({ document }: RolePolicy): string[] => document.Statement.flatMap(({ Action }) => list(Action));

let deployment: Deployment;
let iam: IAMClient;

beforeAll(async () => {
  deployment = await startDeployment();
  iam = new IAMClient(deployment.client);
  const deployed = await deployment.cdk('deploy', '--all', '--require-approval', 'never');
  expect(deployed.code, deployed.stderr).toBe(0);
});
afterAll(() => deployment.close());

/** @param begin of the logical id, where a stack has several of a type */
async function physicalId(stack: string, type: string, begin = ''): Promise<string> {
  const { StackResources = [] } = await new CloudFormationClient(deployment.client).send(
    new DescribeStackResourcesCommand({ StackName: stack }),
  );
  const found = StackResources.filter(
    ({ ResourceType, LogicalResourceId }) => ResourceType === type && LogicalResourceId?.startsWith(begin),
  );
  expect(found).toHaveLength(1);
  return found[0]?.PhysicalResourceId ?? '';
}

async function rolePolicies(roleName: string): Promise<RolePolicy[]> {
  const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName: roleName }));
  return Promise.all(
    PolicyNames.map(async (policyName) => {
      const { PolicyDocument } = await iam.send(
        new GetRolePolicyCommand({ RoleName: roleName, PolicyName: policyName }),
      );
      return { roleName, policyName, document: JSON.parse(decodeURIComponent(PolicyDocument ?? '')) as PolicyDocument };
    }),
  );
}

async function put({ roleName, policyName, document }: RolePolicy): Promise<void> {
  const PolicyDocument = JSON.stringify(document);
  await iam.send(new PutRolePolicyCommand({ RoleName: roleName, PolicyName: policyName, PolicyDocument }));
}

const NOTHING = { Effect: 'Allow', Action: ['sts:GetCallerIdentity'], Resource: '*' };

/** Runs `work` while the role lacks those actions. */
async function without<T>(policy: RolePolicy, actions: string[], work: () => Promise<T>): Promise<T> {
  const Statement = policy.document.Statement.map((statement) => ({
    ...statement,
    Action: list(statement.Action).filter((each) => !actions.includes(each)),
  })).filter(({ Action }) => Action.length > 0);
  // A policy cannot be empty.
  if (Statement.length === 0) Statement.push({ ...NOTHING });
  await put({ ...policy, document: { ...policy.document, Statement } });
  try {
    return await work();
  } finally {
    await put(policy);
  }
}

type Answer = { Status: 'SUCCESS' | 'FAILED'; Reason?: string; PhysicalResourceId: string };

/** Invokes the deployed function as CloudFormation would and gives back what it answers. */
async function customResource(functionName: string, event: Record<string, unknown>): Promise<Answer> {
  const answers = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      response.end();
      answers.emit('answer', JSON.parse(Buffer.concat(chunks).toString()) as Answer);
    });
  });
  await new Promise<void>((resolve) => answers.listen(0, '127.0.0.1', resolve));
  const answered = once(answers, 'answer', { signal: AbortSignal.timeout(30_000) });
  await new LambdaClient(deployment.client).send(
    new InvokeCommand({
      FunctionName: functionName,
      InvocationType: 'Event',
      Payload: JSON.stringify({
        ResponseURL: `http://127.0.0.1:${(answers.address() as AddressInfo).port}/`,
        StackId: 'arn:aws:cloudformation:us-east-1:000000000000:stack/test/1',
        RequestId: crypto.randomUUID(),
        LogicalResourceId: 'Certificate',
        ResourceType: 'Custom::DeviceCertificate',
        ...event,
      }),
    }),
  );
  const [answer] = (await answered) as [Answer];
  answers.close();
  return answer;
}

/** Actions that the life of a certificate made by a deployment does not take. */
const ELSEWHERE = [
  'iot:ListAttachedPolicies', // of an adopted one: prove/faults/adoption.ts fails the call
  // Of what a board has enrolled: enrolled.test.ts fails each of these calls.
  ...['iot:DescribeThing', 'iot:UpdateThing', 'iot:ListThingPrincipals', 'ssm:GetParametersByPath'],
];

it('lacks one action of the certificate function and says which, whichever it is', async () => {
  const functionName = await physicalId('fleet-site-home', 'AWS::Lambda::Function');
  const [policy, ...others] = await rolePolicies(await physicalId('fleet-site-home', 'AWS::IAM::Role'));
  expect(others).toEqual([]);
  if (!policy) throw new Error('the role has no policy');
  // A role without a right is no new role here.
  await new LambdaClient(deployment.client).send(
    new UpdateFunctionConfigurationCommand({ FunctionName: functionName, Environment: { Variables: {} } }),
  );
  const iot = new IoTClient(deployment.client);
  const probes = await probeDeployments();
  const remove = (name: string, PhysicalResourceId: string) =>
    customResource(functionName, { RequestType: 'Delete', PhysicalResourceId, ResourceProperties: propertiesOf(name) });
  /** Adds a device, revokes it and takes it out again. */
  const lifeCycle = async (name: string): Promise<string[]> => {
    const reasons = await probes.deploy(name, false);
    if (reasons.length === 0) reasons.push(...(await probes.deploy(name, true)));
    reasons.push(...(await probes.deploy(name, undefined)));
    return reasons;
  };

  const noticed: Record<string, string[]> = {};
  const actions = actionsOf(policy).filter((action) => !action.startsWith('logs:') && !ELSEWHERE.includes(action));
  expect(actions.length).toBeGreaterThan(10);
  for (const [index, action] of actions.entries()) {
    const name = `probe-${index}`;
    noticed[action] = await without(policy, [action], () => lifeCycle(name));
    // With its rights back it removes what was left, and the same life cycle passes.
    const recorded = (await emittedIdentity(deployment, 'home', name).catch(() => undefined))?.certificateId;
    const left = new Set([...(await probes.certificates()), ...(recorded === undefined ? [] : [recorded])]);
    for (const id of left) expect((await remove(name, id)).Status, `${action} given back`).toBe('SUCCESS');
    await iot.send(new DeletePolicyCommand({ policyName: name })).catch(() => undefined);
    await iot.send(new DeleteThingCommand({ thingName: name })).catch(() => undefined);
    expect(await lifeCycle(name), `${action} given back`).toEqual([]);
  }
  for (const action of actions) {
    const refusals = (noticed[action] ?? []).join('\n');
    expect(refusals, `nothing failed without ${action}`).toMatch(
      new RegExp(`not authorized to perform: ${action} on resource: (\\*|arn:aws:)|is not wanted any more`),
    );
  }
}, 240_000);

const propertiesOf = (name: string) => ({
  device: name,
  thingName: name,
  policyName: name,
  parameterPath: `/esp-fleet/home/${name}/1`,
  revoked: 'false',
});

/** Deploys one more device beside those of the site, as CloudFormation does it. */
async function probeDeployments() {
  const cloudFormation = new CloudFormationClient(deployment.client);
  const StackName = 'fleet-site-home';
  const { TemplateBody = '' } = await cloudFormation.send(new GetTemplateCommand({ StackName }));
  const template = JSON.parse(TemplateBody) as { Resources: Record<string, { Properties?: object }> };
  const known = new Set<string>();
  const events = async () => {
    const { StackEvents = [] } = await cloudFormation.send(new DescribeStackEventsCommand({ StackName }));
    const news = StackEvents.filter(({ EventId = '' }) => !known.has(EventId));
    for (const { EventId = '' } of news) known.add(EventId);
    return news;
  };
  await events();
  return {
    /** @param revoked undefined to take the device out @returns why something failed */
    async deploy(name: string, revoked: boolean | undefined): Promise<string[]> {
      const own = Object.entries(template.Resources).filter(([id]) => id.startsWith('kitchensensor'));
      const probe = JSON.stringify(Object.fromEntries(own))
        .replaceAll('kitchen-sensor', name)
        .replaceAll('kitchensensor', name.replace('-', ''))
        .replaceAll('"revoked":false', `"revoked":${revoked}`);
      const Resources = { ...template.Resources, ...(revoked !== undefined && (JSON.parse(probe) as object)) };
      const body = JSON.stringify({ ...template, Resources });
      try {
        await cloudFormation.send(
          new UpdateStackCommand({ StackName, TemplateBody: body, Capabilities: ['CAPABILITY_IAM'] }),
        );
      } catch (error) {
        if ((error as Error).message.includes('No updates')) return [];
        throw error;
      }
      for (;;) {
        // The answer is held while an operation runs.
        const { Stacks: [stack] = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
        if (!stack?.StackStatus?.endsWith('_IN_PROGRESS')) break;
      }
      const failed = (await events()).filter(({ ResourceStatus = '' }) => ResourceStatus.endsWith('_FAILED'));
      return failed.map(({ ResourceStatusReason = '' }) => ResourceStatusReason);
    },
    /** The certificates that are no device's of the site. */
    async certificates(): Promise<string[]> {
      const { certificates = [] } = await new IoTClient(deployment.client).send(new ListCertificatesCommand({}));
      const { StackResources = [] } = await cloudFormation.send(new DescribeStackResourcesCommand({ StackName }));
      const ours = StackResources.map(({ PhysicalResourceId }) => PhysicalResourceId);
      return certificates.flatMap(({ certificateId = '' }) => (ours.includes(certificateId) ? [] : [certificateId]));
    },
  };
}

it('keeps the function answering, but without a log, when its role may not write one', async () => {
  const functionName = await physicalId('fleet-site-home', 'AWS::Lambda::Function');
  const [policy] = await rolePolicies(await physicalId('fleet-site-home', 'AWS::IAM::Role'));
  if (!policy) throw new Error('the role has no policy');
  const actions = actionsOf(policy).filter((action) => action.startsWith('logs:'));
  expect(actions).toHaveLength(2);
  const lambda = new LambdaClient(deployment.client);
  for (const action of actions) {
    const before = deployment.log.refusals.length;
    await without(policy, [action], async () => {
      // A changed function starts anew, and a new start wants a log stream.
      const Description = `Started anew without ${action}`;
      await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: functionName, Description }));
      const answer = await customResource(functionName, {
        RequestType: 'Delete',
        PhysicalResourceId: 'nothing-of-ours',
        ResourceProperties: {},
      });
      expect(answer.Status).toBe('SUCCESS');
      // Written after the answer, and so still without the action.
      await expect.poll(() => deployment.log.refusals.slice(before).map((refusal) => refusal.action)).toContain(action);
    });
  }
});

it('lacks one action of the rule and says which', async () => {
  const [policy, ...others] = await rolePolicies(await physicalId('fleet-telemetry', 'AWS::IAM::Role', 'RuleRole'));
  expect(others).toEqual([]);
  if (!policy) throw new Error('the role has no policy');
  expect(actionsOf(policy).sort()).toEqual(['dynamodb:PutItem', 'sqs:SendMessage']);
  const data = new IoTDataPlaneClient(deployment.client);
  const publish = () =>
    data.send(new PublishCommand({ topic: 'rtjm/kitchen-sensor/telemetry', qos: 1, payload: '{"temperature":1}' }));
  await without(policy, ['dynamodb:PutItem'], publish);
  const QueueUrl = await physicalId('fleet-telemetry', 'AWS::SQS::Queue');
  const { Messages = [] } = await new SQSClient(deployment.client).send(
    new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }),
  );
  expect(Messages).toHaveLength(1);
  const { failures } = JSON.parse(Messages[0]?.Body ?? '') as { failures: { errorMessage: string }[] };
  expect(failures[0]?.errorMessage).toMatch(
    /not authorized to perform: dynamodb:PutItem on resource: arn:aws:dynamodb/,
  );

  const before = deployment.log.refusals.length;
  await without(policy, ['dynamodb:PutItem', 'sqs:SendMessage'], publish);
  expect(deployment.log.refusals.slice(before)).toContainEqual(
    expect.objectContaining({ action: 'sqs:SendMessage', resource: expect.stringMatching(/^arn:aws:sqs:/) as string }),
  );
});

it('lacks one action of the curves and draws that it does', async () => {
  const [policy, ...others] = await rolePolicies(await physicalId('fleet-telemetry', 'AWS::IAM::Role', 'ChartWidget'));
  expect(others).toEqual([]);
  if (!policy) throw new Error('the role has no policy');
  const actions = actionsOf(policy).filter((action) => !action.startsWith('logs:'));
  expect(actions.sort()).toEqual(['cloudformation:ListStackResources', 'dynamodb:Query']);
  const FunctionName = await physicalId('fleet-telemetry', 'AWS::Lambda::Function', 'ChartWidget');
  // No device is named: the function finds those of the site itself.
  const event = { widgetContext: { timeRange: { start: 0, end: 1 }, width: 600, height: 300 } };
  const picture = async () => {
    const lambda = new LambdaClient(deployment.client);
    const { Payload } = await lambda.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }));
    return JSON.parse(Buffer.from(Payload ?? []).toString()) as string;
  };
  expect(await picture()).toContain('No numbers of garage-door, kitchen-sensor in this span of time.');
  for (const action of actions) {
    expect(await without(policy, [action], picture)).toMatch(
      new RegExp(`AccessDeniedException: .* not authorized to perform: ${action} on resource: arn:aws:`),
    );
  }
});
