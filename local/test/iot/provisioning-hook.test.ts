import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  AttachPolicyCommand,
  CreateCertificateFromCsrCommand,
  CreatePolicyCommand,
  CreateProvisioningTemplateCommand,
  type CreateProvisioningTemplateCommandInput,
  CreateProvisioningTemplateVersionCommand,
  DeleteProvisioningTemplateCommand,
  DeleteProvisioningTemplateVersionCommand,
  DescribeCertificateCommand,
  DescribeProvisioningTemplateCommand,
  IoTClient,
  ListProvisioningTemplateVersionsCommand,
  ListProvisioningTemplatesCommand,
  ListTagsForResourceCommand,
  RegisterThingCommand,
  UpdateProvisioningTemplateCommand,
} from '@aws-sdk/client-iot';
import {
  AddPermissionCommand,
  CreateFunctionCommand,
  LambdaClient,
  RemovePermissionCommand,
} from '@aws-sdk/client-lambda';
import { type MqttClient, connectAsync } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cloud, memoryLog, startCloud } from '../../src/cloud.ts';
import { cloudClient } from '../support/cloud-client.ts';
import { zip } from '../support/zip.ts';
import { makeCsr } from './iot-cloud.ts';
import { FROM_CSR, ask, claimPolicy, provision } from './provisioning-requests.ts';
import { trust } from './rule-cloud.ts';

const arn = (resource: string): string => `arn:aws:iot:us-east-1:000000000000:${resource}`;
const role = (name: string): string => `arn:aws:iam::000000000000:role/${name}`;
const HOOK = 'arn:aws:lambda:us-east-1:000000000000:function:hook';

/** Does what the device asks for, and gives back what it was asked. */
const CODE = `export const handler = async (event) => {
  const { device } = event.parameters;
  if (device === 'throws') throw new Error('the hook has a fault');
  if (device === 'slow') await new Promise((resolve) => setTimeout(resolve, 60_000));
  const answers = {
    denied: { allowProvisioning: false },
    text: { allowProvisioning: 'true' },
    nonsense: 'yes',
    nothing: undefined,
    numbers: { allowProvisioning: true, parameterOverrides: { thing: 1 } },
    unknown: { allowProvisioning: true, parameters: { thing: 'x' } },
  };
  if (Object.hasOwn(answers, device)) return answers[device];
  const parameterOverrides = { thing: 'hooked-' + device, event: JSON.stringify(event) };
  return { allowProvisioning: true, parameterOverrides };
};`;

const BODY = {
  Parameters: {
    device: { Type: 'String' },
    thing: { Type: 'String' },
    event: { Type: 'String', Default: 'no hook' },
  },
  Resources: {
    thing: { Type: 'AWS::IoT::Thing', Properties: { ThingName: { Ref: 'thing' } } },
    certificate: { Type: 'AWS::IoT::Certificate', Properties: { CertificateId: { Ref: 'AWS::IoT::Certificate::Id' } } },
  },
  DeviceConfiguration: { event: { Ref: 'event' } },
};

let cloud: Cloud;
let log: ReturnType<typeof memoryLog>;
let iot: IoTClient;
let lambda: LambdaClient;
let client: MqttClient;
let claimCertificateId: string;

/** AWS IoT may invoke the function for the templates of that name. */
const permit = (StatementId: string, SourceArn: string): Promise<unknown> =>
  lambda.send(
    new AddPermissionCommand({
      FunctionName: 'hook',
      StatementId,
      Action: 'lambda:InvokeFunction',
      Principal: 'iot.amazonaws.com',
      SourceAccount: '000000000000',
      SourceArn,
    }),
  );

const create = (templateName: string, more: Partial<CreateProvisioningTemplateCommandInput> = {}) =>
  iot.send(
    new CreateProvisioningTemplateCommand({
      templateName,
      templateBody: JSON.stringify(BODY),
      provisioningRoleArn: role('provisioning'),
      enabled: true,
      ...more,
    }),
  );

beforeAll(async () => {
  log = memoryLog();
  // Five seconds at AWS.
  cloud = await startCloud({ port: 0, mqttPort: 0, log, provisioning: { hookSeconds: 3 } });
  const options = cloudClient(cloud);
  [iot, lambda] = [new IoTClient(options), new LambdaClient(options)];
  const iam = new IAMClient(options);
  for (const [RoleName, service] of [
    ['provisioning', 'iot'],
    ['hook', 'lambda'],
  ] as const) {
    const document = JSON.stringify(trust(`${service}.amazonaws.com`));
    await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: document }));
  }
  const allow = { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: 'iot:*', Resource: '*' } };
  await iam.send(
    new PutRolePolicyCommand({
      RoleName: 'provisioning',
      PolicyName: 'provisioning',
      PolicyDocument: JSON.stringify(allow),
    }),
  );
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: 'hook',
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: role('hook'),
      Timeout: 30,
      Code: { ZipFile: zip({ 'index.mjs': CODE }) },
    }),
  );
  await permit('boards', arn('provisioningtemplate/boards'));
  await create('boards', { preProvisioningHook: { targetArn: HOOK } });
  const { key, csr } = await makeCsr();
  const claim = await iot.send(
    new CreateCertificateFromCsrCommand({ certificateSigningRequest: csr, setAsActive: true }),
  );
  claimCertificateId = claim.certificateId ?? '';
  await iot.send(
    new CreatePolicyCommand({ policyName: 'claim', policyDocument: JSON.stringify(claimPolicy('*', arn)) }),
  );
  await iot.send(new AttachPolicyCommand({ policyName: 'claim', target: claim.certificateArn }));
  client = await connectAsync(`mqtts://localhost:${cloud.mqttPort}`, {
    ca: cloud.rootCaPem,
    key,
    cert: claim.certificatePem,
    clientId: 'claim-1',
  });
});
afterAll(async () => {
  await client.endAsync(true);
  await cloud.close();
});

/** @returns the answer, and the certificate that was to be provisioned */
async function register(device: string, template = 'boards') {
  const { csr } = await makeCsr();
  const { body: made } = await ask(client, FROM_CSR, { certificateSigningRequest: csr });
  const { certificateOwnershipToken, certificateId = '', certificatePem } = made;
  const parameters = { device, thing: 'what-the-device-wants' };
  const answer = await ask(client, provision(template), { certificateOwnershipToken, parameters });
  const { certificateDescription } = await iot.send(new DescribeCertificateCommand({ certificateId }));
  return { ...answer, certificateId, certificatePem, status: certificateDescription?.status };
}

describe('a pre-provisioning hook', () => {
  it('hears who asks for what, and what it overrides counts', async () => {
    const { outcome, body, certificateId, certificatePem, status } = await register('kitchen');
    expect([outcome, body.thingName, status]).toEqual(['accepted', 'hooked-kitchen', 'ACTIVE']);
    expect(JSON.parse(body.deviceConfiguration?.event ?? '')).toEqual({
      claimCertificateId,
      certificateId,
      certificatePem,
      templateArn: arn('provisioningtemplate/boards'),
      clientId: 'claim-1',
      parameters: { device: 'kitchen', thing: 'what-the-device-wants' },
    });
  });

  it.each([
    ['denied', 'the hook answered allowProvisioning: false'],
    ['text', 'the hook answered allowProvisioning: "true"'],
    ['nonsense', 'the hook answered allowProvisioning: nothing'],
    ['nothing', 'the hook answered allowProvisioning: nothing'],
    ['numbers', 'the hook answered parameterOverrides that are no names and texts'],
    ['unknown', 'the hook answered parameters, which is unknown'],
    ['throws', 'the hook failed; its log says why'],
  ])('that is asked for %s refuses the device, and the log says why', async (device, why) => {
    const { outcome, body, status } = await register(device);
    expect([outcome, status]).toEqual(['rejected', 'PENDING_ACTIVATION']);
    expect(body).toEqual({ statusCode: 403, errorCode: 'AccessDenied', errorMessage: 'Access denied' });
    expect(log.lines.at(-1)).toMatch(/^refused iot:RegisterThing on .*\/boards\/provision\/json by client claim-1/);
    expect(log.refusals.at(-1)?.why).toBe(`AccessDenied: ${why}`);
  });

  it('has not more than its time', async () => {
    const begun = performance.now();
    const { outcome, status } = await register('slow');
    expect([outcome, status]).toEqual(['rejected', 'PENDING_ACTIVATION']);
    expect(log.refusals.at(-1)?.why).toBe('AccessDenied: the hook was not run: it gave no answer within 3 s');
    expect(performance.now() - begun).toBeGreaterThan(3000);
  }, 15_000);

  it('of which AWS IoT has lost the permission refuses', async () => {
    await lambda.send(new RemovePermissionCommand({ FunctionName: 'hook', StatementId: 'boards' }));
    const { outcome, status } = await register('kitchen');
    await permit('boards', arn('provisioningtemplate/boards'));
    expect([outcome, status]).toEqual(['rejected', 'PENDING_ACTIVATION']);
    expect(log.refusals.at(-1)?.why).toContain('iot.amazonaws.com is not authorized to perform: lambda:InvokeFunction');
  });
});

describe('CreateProvisioningTemplate', () => {
  it.each([
    ['a name that is none', { templateName: 'a template' }, 'templateName "a template" is not of the form'],
    ['a name that is there', { templateName: 'boards' }, 'Template with name boards already exists'],
    ['a body that is no JSON', { templateBody: '{' }, 'The template body is invalid: it is no JSON'],
    ['a role that is not there', { provisioningRoleArn: role('nobody-has-it') }, 'There is no role arn:aws:iam::'],
    ['a type that is not served', { type: 'JITP' }, 'a provisioning template of the type JITP is not implemented'],
    [
      'a hook that it may not invoke',
      { preProvisioningHook: { targetArn: HOOK } },
      'Access denied during lambda validation: User: iot.amazonaws.com is not authorized',
    ],
    [
      'a hook that is not there',
      { preProvisioningHook: { targetArn: `${HOOK}s` } },
      'Access denied during lambda validation',
    ],
    [
      'a payload version that there is not',
      { preProvisioningHook: { targetArn: HOOK, payloadVersion: '2030-01-01' } },
      'payloadVersion of the hook is 2030-01-01',
    ],
  ] as const)('refuses %s', async (_, more, message) => {
    await expect(create('refused', more)).rejects.toThrow(message);
    const { templates = [] } = await iot.send(new ListProvisioningTemplatesCommand());
    expect(templates.map(({ templateName }) => templateName)).not.toContain('refused');
  });
});

it('a template is made, described, changed by a version, and deleted', async () => {
  const templateName = 'changing';
  const { templateArn, defaultVersionId } = await create(templateName, {
    description: 'first',
    enabled: false,
    tags: [{ Key: 'team', Value: 'red' }],
  });
  expect([templateArn, defaultVersionId]).toEqual([arn(`provisioningtemplate/${templateName}`), 1]);
  expect((await iot.send(new ListTagsForResourceCommand({ resourceArn: templateArn }))).tags).toEqual([
    { Key: 'team', Value: 'red' },
  ]);
  await permit('changing', templateArn ?? '');
  const templateBody = JSON.stringify({ ...BODY, DeviceConfiguration: { n: '2' } });
  const versionId = 2;
  expect(
    await iot.send(new CreateProvisioningTemplateVersionCommand({ templateName, templateBody, setAsDefault: true })),
  ).toMatchObject({ versionId, isDefaultVersion: true });
  await iot.send(
    new UpdateProvisioningTemplateCommand({
      templateName,
      enabled: true,
      description: 'second',
      preProvisioningHook: { targetArn: HOOK },
    }),
  );
  const { $metadata: ignored, ...described } = await iot.send(
    new DescribeProvisioningTemplateCommand({ templateName }),
  );
  expect(ignored.httpStatusCode).toBe(200);
  expect(described).toEqual({
    templateArn,
    templateName,
    templateBody,
    description: 'second',
    enabled: true,
    type: 'FLEET_PROVISIONING',
    defaultVersionId: 2,
    provisioningRoleArn: role('provisioning'),
    preProvisioningHook: { payloadVersion: '2020-04-01', targetArn: HOOK },
    creationDate: expect.any(Date) as Date,
    lastModifiedDate: expect.any(Date) as Date,
  });
  expect((await register('hall', templateName)).body.deviceConfiguration).toEqual({ n: '2' });
  await expect(iot.send(new DeleteProvisioningTemplateVersionCommand({ templateName, versionId }))).rejects.toThrow(
    'default version',
  );
  await iot.send(new DeleteProvisioningTemplateVersionCommand({ templateName, versionId: 1 }));
  const { versions } = await iot.send(new ListProvisioningTemplateVersionsCommand({ templateName }));
  expect(versions).toMatchObject([{ versionId: 2, isDefaultVersion: true }]);
  await iot.send(new UpdateProvisioningTemplateCommand({ templateName, removePreProvisioningHook: true }));
  expect((await register('hall', templateName)).body.thingName).toBe('what-the-device-wants');
  await iot.send(new DeleteProvisioningTemplateCommand({ templateName }));
  await expect(iot.send(new DescribeProvisioningTemplateCommand({ templateName }))).rejects.toThrow('does not exist');
});

it('RegisterThing runs a template for whoever may do what it does', async () => {
  const { csr } = await makeCsr();
  const { certificateId = '', certificatePem } = await iot.send(
    new CreateCertificateFromCsrCommand({ certificateSigningRequest: csr }),
  );
  const parameters = { device: 'x', thing: 'by-hand', 'AWS::IoT::Certificate::Id': certificateId };
  expect(await iot.send(new RegisterThingCommand({ templateBody: JSON.stringify(BODY), parameters }))).toMatchObject({
    certificatePem,
    resourceArns: { thing: arn('thing/by-hand'), certificate: arn(`cert/${certificateId}`) },
  });
});
