import type {
  DescribeCertificateResponse,
  DescribeThingResponse,
  ListAttachedPoliciesResponse,
  ListThingPrincipalsV2Response,
} from '@aws-sdk/client-iot';
import type { MqttClient } from 'mqtt';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { OwnershipTokens } from '../../src/iot/provisioning/ownership-tokens.ts';
import { Registry } from '../../src/iot/registry/registry.ts';
import { memoryLog } from '../../src/log.ts';
import { quickPace } from '../../src/pace/pace.ts';
import { DEFAULT_READINGS, type Readings } from '../../src/readings.ts';
import { State } from '../../src/state/state.ts';
import { ACCOUNT, type Identity, IotCloud, arn, devicePolicy, heard, makeCsr } from './iot-cloud.ts';
import { FROM_CSR, KEYS, again, ask, claimPolicy, provision } from './provisioning-requests.ts';
import { trust } from './rule-cloud.ts';

const ROLE = `arn:aws:iam::${ACCOUNT.id}:role/provisioning`;
/** What the role has, by default: the calls that a template with thing, certificate and named policy makes. */
const PERMITTED = [
  'iot:RegisterThing',
  'iot:DescribeCertificate',
  'iot:DescribeThing',
  'iot:CreateThing',
  'iot:UpdateThing',
  'iot:AttachPolicy',
  'iot:AttachThingPrincipal',
  'iot:UpdateCertificate',
];
const certificate = {
  Type: 'AWS::IoT::Certificate',
  Properties: {
    CertificateId: { Ref: 'AWS::IoT::Certificate::Id' },
    Status: 'Active',
    ThingPrincipalType: 'EXCLUSIVE_THING',
  },
};
const BODY = {
  Parameters: { device: { Type: 'String' }, color: { Type: 'String', Default: 'red' } },
  Resources: {
    thing: { Type: 'AWS::IoT::Thing', Properties: { ThingName: { 'Fn::Join': ['-', ['board', { Ref: 'device' }]] } } },
    certificate,
    policy: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: 'boards' } },
  },
  DeviceConfiguration: { color: { Ref: 'color' }, topic: { 'Fn::Sub': 'rtjm/${device}' } },
};
const BOARDS = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: ['iot:Connect', 'iot:Publish'], Resource: '*' }],
};

let cloud: IotCloud;
let claim: Identity;

/** A cloud with the template `boards`, a role for it, and a claim. */
async function start(readings?: Partial<Readings>, state?: State, tokenSeconds?: number): Promise<MqttClient> {
  cloud = await IotCloud.start(state, readings, undefined, tokenSeconds === undefined ? {} : { tokenSeconds });
  await cloud.dispatcher.invoke(cloud.operator, 'iam', 'CreateRole', {
    RoleName: 'provisioning',
    AssumeRolePolicyDocument: JSON.stringify(trust('iot.amazonaws.com')),
  });
  await permit(PERMITTED);
  await cloud.call('CreatePolicy', { policyName: 'boards', policyDocument: JSON.stringify(BOARDS) });
  await template('boards', BODY);
  claim = await cloud.certify();
  await cloud.allow(claim, 'claim', claimPolicy('*', arn));
  return cloud.connect(claim, 'claim-1');
}

const permit = (actions: readonly string[]): Promise<unknown> =>
  cloud.dispatcher.invoke(cloud.operator, 'iam', 'PutRolePolicy', {
    RoleName: 'provisioning',
    PolicyName: 'provisioning',
    PolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Action: actions, Resource: '*' },
    }),
  });

const template = (templateName: string, body: object, enabled = true): Promise<unknown> =>
  cloud.call('CreateProvisioningTemplate', {
    templateName,
    templateBody: JSON.stringify(body),
    provisioningRoleArn: ROLE,
    enabled,
  });

/** A certificate for a new key, and the token with which to provision it. */
async function obtain(client: MqttClient): Promise<Identity & { readonly token: string }> {
  const { key, csr } = await makeCsr();
  const { outcome, body } = await ask(client, FROM_CSR, { certificateSigningRequest: csr });
  expect(outcome).toBe('accepted');
  const { certificateId = '', certificatePem: cert = '', certificateOwnershipToken: token = '' } = body;
  return { key, cert, certificateId, token };
}

const status = async (certificateId: string): Promise<string | undefined> =>
  (await cloud.call<DescribeCertificateResponse>('DescribeCertificate', { certificateId })).certificateDescription
    ?.status;

const register = (client: MqttClient, token: string, parameters: object = { device: 'kitchen' }, name = 'boards') =>
  ask(client, provision(name), { certificateOwnershipToken: token, parameters });

describe('a device with a claim', () => {
  afterEach(() => cloud.stop());

  it('gets a certificate for its own key, thing and policy, and connects by them', async () => {
    const client = await start();
    const identity = await obtain(client);
    expect(await status(identity.certificateId)).toBe('PENDING_ACTIVATION');
    await cloud.refused(identity, 'board-kitchen');
    expect(cloud.log.lines.at(-1)).toContain('the certificate is PENDING_ACTIVATION');
    expect(await register(client, identity.token)).toEqual({
      outcome: 'accepted',
      body: { thingName: 'board-kitchen', deviceConfiguration: { color: 'red', topic: 'rtjm/kitchen' } },
    });
    expect(await status(identity.certificateId)).toBe('ACTIVE');
    const { thingPrincipalObjects } = await cloud.call<ListThingPrincipalsV2Response>('ListThingPrincipalsV2', {
      thingName: 'board-kitchen',
    });
    expect(thingPrincipalObjects).toEqual([
      { principal: arn(`cert/${identity.certificateId}`), thingPrincipalType: 'EXCLUSIVE_THING' },
    ]);
    await cloud.connect(identity, 'board-kitchen');
    expect(cloud.log.lines.find((line) => line.startsWith('provisioned: '))).toContain(
      `thing board-kitchen, certificate ${identity.certificateId}, by boards for client claim-1`,
    );
    expect(cloud.log.lines.join()).not.toContain(identity.token);
  });

  it('may have AWS make its key', async () => {
    const client = await start();
    for (const payload of ['', '{}']) {
      const { body } = await ask(client, KEYS, payload);
      const { certificateOwnershipToken = '', certificatePem: cert = '', privateKey: key = '' } = body;
      expect((await register(client, certificateOwnershipToken)).outcome).toBe('accepted');
      await cloud.connect({ key, cert }, 'board-kitchen');
    }
    expect(cloud.log.lines.join()).not.toContain('PRIVATE KEY');
  });

  it('leaves the attributes of its thing alone, of which the template says nothing', async () => {
    const client = await start();
    await cloud.call('CreateThing', { thingName: 'board-kitchen', attributePayload: { attributes: { wants: '1' } } });
    const { token } = await obtain(client);
    expect((await register(client, token)).outcome).toBe('accepted');
    const { attributes, version } = await cloud.call<DescribeThingResponse>('DescribeThing', {
      thingName: 'board-kitchen',
    });
    expect([attributes, version]).toEqual([{ wants: '1' }, 1]);
  });

  it('gets its own certificate provisioned, whatever id it names', async () => {
    const client = await start();
    const victim = await cloud.device('victim');
    const mine = await obtain(client);
    const parameters = { device: 'kitchen', 'AWS::IoT::Certificate::Id': victim.certificateId };
    expect((await register(client, mine.token, parameters)).outcome).toBe('accepted');
    expect([await status(mine.certificateId), await status(victim.certificateId)]).toEqual(['ACTIVE', 'ACTIVE']);
    expect(await cloud.call('ListPrincipalThings', { principal: arn(`cert/${victim.certificateId}`) })).toMatchObject({
      things: ['victim'],
    });
  });

  it('rotates by its own certificate, when its policy reaches the topics', async () => {
    await start();
    const board = await cloud.device('board-kitchen', claimPolicy('boards', arn));
    const client = await cloud.connect(board, 'board-kitchen');
    const { token, certificateId } = await obtain(client);
    expect((await register(client, token)).outcome).toBe('accepted');
    const { thingPrincipalObjects = [] } = await cloud.call<ListThingPrincipalsV2Response>('ListThingPrincipalsV2', {
      thingName: 'board-kitchen',
    });
    expect(thingPrincipalObjects.map(({ principal }) => principal).sort()).toEqual(
      [arn(`cert/${board.certificateId}`), arn(`cert/${certificateId}`)].sort(),
    );
  });
});

describe('a request is rejected', () => {
  let client: MqttClient;

  // One cloud for all of them.
  beforeAll(async () => {
    client = await start();
    await template('off', BODY, false);
  });
  beforeEach(() => permit(PERMITTED));
  afterAll(() => cloud.stop());

  it.each([
    ['a CSR that is none', FROM_CSR, { certificateSigningRequest: 'hello' }, [400, 'InvalidCSR']],
    ['no CSR', FROM_CSR, {}, [400, 'InvalidCSR']],
    ['what is no JSON', FROM_CSR, '<csr/>', [400, 'InvalidPayload', 'Message cannot be parsed']],
    ['JSON that is no object', KEYS, '[]', [400, 'InvalidPayload', 'Message cannot be parsed']],
    [
      'no token',
      provision('boards'),
      { parameters: {} },
      [400, 'InvalidCertificateOwnershipToken', 'Certificate ownership token cannot be empty.'],
    ],
    [
      'a token that nobody gave',
      provision('boards'),
      { certificateOwnershipToken: 'x'.repeat(64) },
      [400, 'InvalidCertificateOwnershipToken'],
    ],
    ['a template that is not there', provision('other'), { certificateOwnershipToken: 'x' }, [404, 'ResourceNotFound']],
    ['a template that is not enabled', provision('off'), { certificateOwnershipToken: 'x' }, [400, 'InvalidRequest']],
    [
      'parameters that are no texts',
      provision('boards'),
      { certificateOwnershipToken: 'x', parameters: { device: 1 } },
      [400, 'InvalidParameters'],
    ],
  ])('for %s, with a line in the log', async (_, topic, request, [statusCode, errorCode, errorMessage]) => {
    const before = cloud.log.refusals.length;
    const { outcome, body } = await ask(client, topic, request);
    expect(outcome).toBe('rejected');
    expect(body).toMatchObject({ statusCode, errorCode });
    expect(body.errorMessage).toEqual(errorMessage ?? expect.stringMatching(/./));
    expect(cloud.log.refusals.slice(before)).toEqual([
      {
        who: expect.stringContaining('client claim-1') as string,
        clientId: 'claim-1',
        certificateId: claim.certificateId,
        action: expect.stringMatching(
          /^iot:(?:CreateCertificateFromCsr|CreateKeysAndCertificate|RegisterThing)$/,
        ) as string,
        resource: arn(`topic/${topic}`),
        why: `${errorCode}: ${body.errorMessage}`,
      },
    ]);
    expect(client.connected).toBe(true);
  });

  it('for a parameter without a value, in the words of AWS, and nothing has changed', async () => {
    const { token, certificateId } = await obtain(client);
    const { body } = await register(client, token, { color: 'blue' });
    expect(body).toEqual({
      statusCode: 400,
      errorCode: 'InvalidParameters',
      errorMessage: 'Cannot resolve reference value: device',
    });
    expect(await status(certificateId)).toBe('PENDING_ACTIVATION');
    expect(await cloud.call('ListThings')).toMatchObject({ things: [] });
  });

  it.each(PERMITTED.filter((action) => action !== 'iot:UpdateThing'))(
    'when the role of the template lacks %s',
    async (missing) => {
      const { token, certificateId } = await obtain(client);
      const parameters = { device: missing.slice('iot:'.length) };
      await permit(PERMITTED.filter((action) => action !== missing));
      expect((await register(client, token, parameters)).body).toEqual({
        statusCode: 403,
        errorCode: 'AccessDenied',
        errorMessage: 'Access denied',
      });
      expect(cloud.log.refusals.at(-2)).toMatchObject({
        who: `arn:aws:sts::${ACCOUNT.id}:assumed-role/provisioning/boards`,
        action: missing,
      });
      expect(await status(certificateId)).toBe('PENDING_ACTIVATION');
      // The token is good for another attempt.
      await permit(PERMITTED);
      expect((await register(client, token, parameters)).outcome).toBe('accepted');
    },
  );

  it('when the certificate was deleted meanwhile', async () => {
    const { token, certificateId } = await obtain(client);
    await cloud.call('DeleteCertificate', { certificateId });
    expect((await register(client, token)).body).toMatchObject({ statusCode: 404, errorCode: 'ResourceNotFound' });
  });

  it('when the role does not trust AWS IoT', async () => {
    const { token } = await obtain(client);
    await cloud.dispatcher.invoke(cloud.operator, 'iam', 'UpdateAssumeRolePolicy', {
      RoleName: 'provisioning',
      PolicyDocument: JSON.stringify(trust('lambda.amazonaws.com')),
    });
    expect((await register(client, token)).body).toMatchObject({ statusCode: 403, errorCode: 'AccessDenied' });
    expect(cloud.log.refusals.at(-1)?.why).toContain(`not authorized to perform: sts:AssumeRole on resource: ${ROLE}`);
  });
});

describe('the topics', () => {
  afterEach(() => cloud.stop());

  it.each([
    ['publish a CBOR request', (client: MqttClient) => client.publish('$aws/certificates/create-from-csr/cbor', 'x')],
    ['subscribe to a CBOR answer', (client: MqttClient) => client.subscribe('$aws/certificates/create/cbor/accepted')],
    ['publish an answer', (client: MqttClient) => client.publish(`${FROM_CSR}/accepted`, '{}')],
    ['subscribe to requests', (client: MqttClient) => client.subscribe(FROM_CSR)],
    ['subscribe to all of them', (client: MqttClient) => client.subscribe('$aws/certificates/#')],
    ['retain a request', (client: MqttClient) => client.publish(KEYS, '{}', { retain: true })],
  ])('end the connection of who would %s', async (_, act) => {
    const client = await start();
    await cloud.allow(claim, 'all', {
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Action: 'iot:*', Resource: '*' },
    });
    await cloud.cutOff(client, act);
    expect(cloud.log.refusals).toHaveLength(1);
    expect(cloud.log.refusals[0]?.why).toMatch(/reserved/);
  });

  it.each([
    ['publish', (client: MqttClient) => client.publish(FROM_CSR, '{}'), 'iot:Publish', `topic/${FROM_CSR}`],
    [
      'publish for another template',
      (client: MqttClient) => client.publish(provision('other'), '{}'),
      'iot:Publish',
      `topic/${provision('other')}`,
    ],
    [
      'subscribe',
      (client: MqttClient) => client.subscribe(`${FROM_CSR}/accepted`),
      'iot:Subscribe',
      `topicfilter/${FROM_CSR}/accepted`,
    ],
  ])('are refused to whoever may not %s', async (_, act, action, resource) => {
    await start();
    const device = await cloud.device('kitchen', devicePolicy('kitchen'));
    await cloud.cutOff(await cloud.connect(device, 'kitchen'), act);
    expect(cloud.log.refusals).toEqual([expect.objectContaining({ action, resource: arn(resource) })]);
  });

  it('give no answer to whoever may not receive it', async () => {
    const client = await start();
    const { Statement } = claimPolicy('boards', arn) as { Statement: object[] };
    const deny = { Effect: 'Deny', Action: 'iot:Receive', Resource: arn(`topic/${FROM_CSR}/*`) };
    await cloud.allow(claim, 'deaf', { Version: '2012-10-17', Statement: [...Statement, deny] });
    client.on('message', (topic) => expect(topic).not.toContain(FROM_CSR));
    await client.subscribeAsync([`${FROM_CSR}/accepted`, `${FROM_CSR}/rejected`], { qos: 1 });
    await client.publishAsync(FROM_CSR, '{}', { qos: 1 });
    await vi.waitFor(() =>
      expect(cloud.log.refusals.at(-1)).toMatchObject({
        action: 'iot:Receive',
        resource: arn(`topic/${FROM_CSR}/rejected`),
      }),
    );
    expect((await ask(client, KEYS, '')).outcome).toBe('accepted');
  });

  it('answer over the connection that asked, to no other one, and only where it has subscribed', async () => {
    const client = await start();
    const spy = await cloud.connect(claim, 'claim-2');
    const topics: string[] = [];
    spy.on('message', (topic) => topics.push(topic));
    await spy.subscribeAsync(`${FROM_CSR}/+`);
    await obtain(client);
    await client.unsubscribeAsync([`${FROM_CSR}/accepted`, `${FROM_CSR}/rejected`]);
    await client.publishAsync(FROM_CSR, '{}', { qos: 1 });
    await vi.waitFor(() =>
      expect(cloud.log.lines.at(-1)).toMatch(/^the answer on .*\/rejected is lost: client claim-1/),
    );
    // What was for it would have come before this answer.
    expect((await again(spy, FROM_CSR, '{}')).outcome).toBe('rejected');
    expect(topics).toEqual([`${FROM_CSR}/rejected`]);
  });

  it('give no answer to a later connection of the same client id, which would get the private key of another', async () => {
    await start();
    const clean = false;
    const first = await cloud.connect(claim, 'claim-3', { clean });
    first.handleMessage = () => undefined; // never acknowledges what it gets
    await first.subscribeAsync(`${KEYS}/accepted`, { qos: 1 });
    const { certificateId = '' } = (await again(first, KEYS, '')).body;
    first.stream.destroy();
    const other = await cloud.certify();
    await cloud.allow(other, 'other-claim', claimPolicy('*', arn));
    const second = cloud.open(other, 'claim-3', { clean });
    const messages: string[] = [];
    second.on('message', (_topic, payload) => messages.push(payload.toString()));
    await heard(second, 'connect');
    // What was kept for it comes before this answer.
    await again(second, KEYS, '');
    expect(messages.join()).not.toContain(certificateId);
  });

  it('are not served over HTTP, where nobody waits for the answer', async () => {
    await start();
    await expect(cloud.data('Publish', { topic: KEYS, payload: new Uint8Array() })).rejects.toThrow('reserved');
  });
});

describe('the ownership token', () => {
  afterEach(() => cloud.stop());

  /** What becomes of it over another connection, and when it has been used. */
  async function outcomes(reading: Readings['ownership-token']): Promise<Record<string, string>> {
    const client = await start({ 'ownership-token': reading });
    const thief = await cloud.connect(claim, 'claim-2');
    const [stolen, own] = [await obtain(client), await obtain(client)];
    const both = await Promise.all([
      register(thief, stolen.token, { device: 'thief' }),
      register(client, own.token, { device: 'kitchen' }),
    ]);
    const twice = await again(client, provision('boards'), {
      certificateOwnershipToken: own.token,
      parameters: { device: 'kitchen' },
    });
    expect(both[1].outcome).toBe('accepted');
    return { foreign: both[0].outcome, twice: twice.outcome };
  }

  it.each([
    ['whoever', { foreign: 'accepted', twice: 'accepted' }],
    ['same-connection', { foreign: 'rejected', twice: 'accepted' }],
    ['once', { foreign: 'accepted', twice: 'rejected' }],
  ] as const)('is good for %s, as the reading says', async (reading, expected) => {
    expect(await outcomes(reading)).toEqual(expected);
  });

  it('attaches a certificate to one thing alone, where the template says exclusively', async () => {
    const client = await start();
    const { token } = await obtain(client);
    await register(client, token, { device: 'kitchen' });
    const { body } = await register(client, token, { device: 'garage' });
    expect(body).toMatchObject({ statusCode: 400, errorCode: 'InvalidRequest' });
    expect(body.errorMessage).toContain('it is attached to board-kitchen as EXCLUSIVE_THING');
  });

  it('expires, and what it was for is deleted unless it is provisioned', async () => {
    const client = await start(undefined, undefined, 1);
    const [used, unused, inactive] = [await obtain(client), await obtain(client), await obtain(client)];
    await register(client, used.token);
    await cloud.call('UpdateCertificate', { certificateId: inactive.certificateId, newStatus: 'ACTIVE' });
    for (const { certificateId } of [unused, inactive])
      await vi.waitFor(() => expect(status(certificateId)).rejects.toThrow('does not exist'), { timeout: 5000 });
    expect(await status(used.certificateId)).toBe('ACTIVE');
    for (const { token } of [unused, used]) {
      expect((await register(client, token)).body.errorCode).toBe('InvalidCertificateOwnershipToken');
      expect(cloud.log.lines.join()).not.toContain(token);
    }
    expect(cloud.log.lines).toContain(
      `the certificate ${unused.certificateId} is deleted: it was not provisioned while its token was valid`,
    );
  });

  it('outlives a restart, and expires in time whether the cloud runs or not', async () => {
    const state = await State.open();
    const first = await start(undefined, state);
    const [used, unused] = [await obtain(first), await obtain(first)];
    await cloud.stop();
    cloud = await IotCloud.start(state);
    const client = await cloud.connect(claim, 'claim-1');
    expect((await register(client, used.token)).outcome).toBe('accepted');
    await cloud.stop();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_601_000 });
    onTestFinished(() => void vi.useRealTimers());
    cloud = await IotCloud.start(state);
    await vi.waitFor(() => expect(status(unused.certificateId)).rejects.toThrow('does not exist'));
    expect(await status(used.certificateId)).toBe('ACTIVE');
  });
});

describe('what is there already', () => {
  beforeAll(async () => void (await start()));
  afterAll(() => cloud.stop());

  const run = (Resources: object, certificateId = ''): Promise<unknown> =>
    cloud.call('RegisterThing', {
      templateBody: JSON.stringify({ Resources }),
      parameters: { 'AWS::IoT::Certificate::Id': certificateId },
    });

  it.each([
    ['MERGE', { a: '1', b: '2' }],
    ['REPLACE', { b: '2' }],
    ['DO_NOTHING', { a: '1' }],
    ['FAIL', 'ResourceConflictsException'],
    [undefined, 'NotImplemented'],
  ])('of a thing with the attributes a=1 becomes, by %s', async (override, expected) => {
    const thingName = `there-${override}`;
    await cloud.call('CreateThing', { thingName, attributePayload: { attributes: { a: '1' } } });
    const running = run({
      thing: {
        Type: 'AWS::IoT::Thing',
        Properties: { ThingName: thingName, AttributePayload: { b: '2' } },
        ...(override !== undefined && { OverrideSettings: { AttributePayload: override } }),
      },
    });
    if (typeof expected === 'string') return expect(running).rejects.toMatchObject({ code: expected });
    await running;
    const { attributes } = await cloud.call<DescribeThingResponse>('DescribeThing', { thingName });
    expect(attributes).toEqual(expected);
  });

  it.each([
    ['REPLACE', 'INACTIVE'],
    [undefined, 'INACTIVE'],
    ['DO_NOTHING', 'ACTIVE'],
    ['FAIL', 'ResourceConflictsException'],
  ])('of an ACTIVE certificate that is to be INACTIVE becomes, by %s', async (override, expected) => {
    const { certificateId } = await cloud.certify();
    const running = run(
      {
        certificate: {
          Type: 'AWS::IoT::Certificate',
          Properties: { CertificateId: { Ref: 'AWS::IoT::Certificate::Id' }, Status: 'INACTIVE' },
          ...(override !== undefined && { OverrideSettings: { Status: override } }),
        },
      },
      certificateId,
    );
    if (override === 'FAIL') return expect(running).rejects.toMatchObject({ code: expected });
    await running;
    expect(await status(certificateId)).toBe(expected);
  });

  it('is a policy of the same document, which is made once', async () => {
    const policyNames = new Set<string | undefined>();
    for (let n = 0; n < 2; n += 1) {
      const { certificateId } = await cloud.certify();
      await run(
        { certificate, policy: { Type: 'AWS::IoT::Policy', Properties: { PolicyDocument: BOARDS } } },
        certificateId,
      );
      const target = arn(`cert/${certificateId}`);
      const { policies = [] } = await cloud.call<ListAttachedPoliciesResponse>('ListAttachedPolicies', { target });
      expect(policies).toHaveLength(1);
      policyNames.add(policies[0]?.policyName);
    }
    expect(policyNames.size).toBe(1);
  });
});

it('an ownership token is taken while it provisions a device, where it may be used once, and free again when that failed', async () => {
  const readings = { ...DEFAULT_READINGS, 'ownership-token': 'once' } as const;
  const state = await State.open();
  const registry = new Registry(state, ACCOUNT, quickPace());
  const tokens = new OwnershipTokens({ state, registry, readings, log: memoryLog(), seconds: 3600 });
  onTestFinished(() => tokens.close());
  const connection = {};
  const token = tokens.give('a-certificate', connection);
  const failing = tokens.use(token, connection);
  expect(() => tokens.use(token, connection)).toThrow('The token was used before.');
  failing.end();
  const use = tokens.use(token, connection);
  use.succeeded();
  use.end();
  expect(() => tokens.use(token, connection)).toThrow('The token was used before.');
});
