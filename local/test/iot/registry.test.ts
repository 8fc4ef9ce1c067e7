import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createIot } from '../../src/iot/iot.ts';
import { MetricStore } from '../../src/cloudwatch/metric-store.ts';
import { quickPace } from '../../src/pace/pace.ts';
import { DEFAULT_READINGS } from '../../src/readings.ts';
import { State } from '../../src/state/state.ts';
import { ACCOUNT, type Identity, IotCloud, arn, makeCsr } from './iot-cloud.ts';

let cloud: IotCloud;
beforeAll(async () => {
  cloud = await IotCloud.start();
});
afterAll(() => cloud.stop());

const refusedWith = (code: string, message: string | RegExp = /./): object => ({
  code,
  message: expect.stringMatching(message) as string,
});
const document = (resource = '*'): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: 'iot:Connect', Resource: resource } });

let n = 0;
let name: string;
beforeEach(() => {
  name = `name-${(n += 1)}`;
});

describe('things', () => {
  it('are made, described, changed, listed and deleted', async () => {
    const made = await cloud.call<{ thingId: string }>('CreateThing', {
      thingName: name,
      attributePayload: { attributes: { board: 'esp8266' } },
    });
    expect(made).toEqual({ thingName: name, thingArn: arn(`thing/${name}`), thingId: made.thingId });
    await cloud.call('UpdateThing', {
      thingName: name,
      attributePayload: { attributes: { room: 'kitchen' }, merge: true },
      expectedVersion: 1,
    });
    await cloud.call('UpdateThing', { thingName: name, attributePayload: { attributes: { board: '' }, merge: true } });
    expect(await cloud.call('DescribeThing', { thingName: name })).toEqual({
      defaultClientId: name,
      thingName: name,
      thingArn: arn(`thing/${name}`),
      thingId: made.thingId,
      attributes: { room: 'kitchen' },
      version: 3,
    });
    expect(await cloud.call('ListThings', { attributeName: 'room', attributeValue: 'kitchen' })).toMatchObject({
      things: [{ thingName: name }],
    });
    await expect(cloud.call('DeleteThing', { thingName: name, expectedVersion: 1 })).rejects.toMatchObject(
      refusedWith('VersionConflictException'),
    );
    await cloud.call('DeleteThing', { thingName: name });
    await cloud.call('DeleteThing', { thingName: name });
    await expect(cloud.call('DescribeThing', { thingName: name })).rejects.toMatchObject(
      refusedWith('ResourceNotFoundException'),
    );
  });

  it('can be made twice with the same attributes and not with others', async () => {
    const input = { thingName: name, attributePayload: { attributes: { a: '1', b: '2' } } };
    const first = await cloud.call('CreateThing', input);
    expect(await cloud.call('CreateThing', input)).toEqual(first);
    await expect(cloud.call('CreateThing', { thingName: name })).rejects.toMatchObject(
      refusedWith('ResourceAlreadyExistsException', name),
    );
  });

  it.each([
    [{ thingName: 'a b' }, 'InvalidRequestException', 'thingName "a b" is not of the form'],
    [{ thingName: 'x'.repeat(129) }, 'InvalidRequestException', 'not of the form'],
    [{ thingName: 'a', thingTypeName: 't' }, 'NotImplemented', 'thingTypeName of CreateThing'],
    [
      { thingName: 'a', attributePayload: { attributes: { 'a b': '1' } } },
      'InvalidRequestException',
      'attribute "a b"',
    ],
    [
      { thingName: 'a', attributePayload: { attributes: { a: '1', b: '1', c: '1', d: '1' } } },
      'InvalidRequestException',
      'at most 3 attributes',
    ],
  ])('are refused: %o', async (input, code, message) => {
    await expect(cloud.call('CreateThing', input)).rejects.toMatchObject(refusedWith(code, message));
  });

  it('are listed page by page, whatever is deleted in between', async () => {
    const names = ['page-a', 'page-b', 'page-c', 'page-d'];
    for (const thingName of names)
      await cloud.call('CreateThing', { thingName, attributePayload: { attributes: { paged: 'yes' } } });
    const list = (nextToken?: string): Promise<{ things: { thingName: string }[]; nextToken?: string }> =>
      cloud.call('ListThings', { maxResults: 2, attributeName: 'paged', attributeValue: 'yes', nextToken });
    const first = await list();
    expect(first.things.map(({ thingName }) => thingName)).toEqual(['page-a', 'page-b']);
    await cloud.call('DeleteThing', { thingName: 'page-b' });
    const second = await list(first.nextToken);
    expect(second.things.map(({ thingName }) => thingName)).toEqual(['page-c', 'page-d']);
    expect(second.nextToken).toBeUndefined();
    await expect(list('no token')).rejects.toMatchObject(refusedWith('InvalidRequestException', 'token'));
    await expect(cloud.call('ListThings', { maxResults: 0 })).rejects.toMatchObject(
      refusedWith('InvalidRequestException', 'from 1 to 250'),
    );
  });
});

/** A resource that makes a document so long. */
const ofLength = (length: number): string => {
  const resource = arn('topic/');
  return resource.padEnd(resource.length + length - document(resource).length, 'x');
};

describe('policies', () => {
  it('have at most five versions, one of them the default', async () => {
    await cloud.call('CreatePolicy', { policyName: name, policyDocument: document() });
    for (const version of ['2', '3', '4', '5'])
      expect(
        await cloud.call('CreatePolicyVersion', {
          policyName: name,
          policyDocument: document(arn(`topic/${version}`)),
          setAsDefault: version === '3',
        }),
      ).toMatchObject({ policyVersionId: version, isDefaultVersion: version === '3' });
    await expect(
      cloud.call('CreatePolicyVersion', { policyName: name, policyDocument: document() }),
    ).rejects.toMatchObject(refusedWith('VersionsLimitExceededException', '5'));
    expect(await cloud.call('GetPolicy', { policyName: name })).toMatchObject({
      policyDocument: document(arn('topic/3')),
      defaultVersionId: '3',
    });
    await expect(cloud.call('DeletePolicyVersion', { policyName: name, policyVersionId: '3' })).rejects.toMatchObject(
      refusedWith('DeleteConflictException', 'default version'),
    );
    await cloud.call('DeletePolicyVersion', { policyName: name, policyVersionId: '5' });
    await cloud.call('SetDefaultPolicyVersion', { policyName: name, policyVersionId: '4' });
    expect(await cloud.call('CreatePolicyVersion', { policyName: name, policyDocument: document() })).toMatchObject({
      policyVersionId: '6',
    });
    const { policyVersions } = await cloud.call<{ policyVersions: { versionId: string; isDefaultVersion: boolean }[] }>(
      'ListPolicyVersions',
      { policyName: name },
    );
    expect(policyVersions.map(({ versionId, isDefaultVersion }) => [versionId, isDefaultVersion])).toEqual([
      ['1', false],
      ['2', false],
      ['3', false],
      ['4', true],
      ['6', false],
    ]);
    await expect(cloud.call('DeletePolicy', { policyName: name })).rejects.toMatchObject(
      refusedWith('DeleteConflictException', 'versions other than the default'),
    );
  });

  it('cannot be made twice, be it with the same document', async () => {
    await cloud.call('CreatePolicy', { policyName: name, policyDocument: document() });
    await expect(cloud.call('CreatePolicy', { policyName: name, policyDocument: document() })).rejects.toMatchObject(
      refusedWith('ResourceAlreadyExistsException', name),
    );
  });

  it.each([
    ['text', 'not JSON', 'not JSON'],
    [
      'without a resource',
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:*"}]}',
      'Resource is missing',
    ],
    [
      'with a principal',
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:*","Resource":"*","Principal":"*"}]}',
      'Principal is not allowed',
    ],
    ...['iot:Conect', 'iot:publish-in', 's3:GetObject', 'Publish', 'iot:Pub?', 'iot:Publish2'].map((action) => [
      `with the action ${action}`,
      document().replace('iot:Connect', action),
      `Invalid policy syntax: there is no action ${action}`,
    ]),
    ...['rtjm/kitchen/*', 'topic/rtjm', 'arn:aws:iot', ''].map((resource) => [
      `with the resource ${JSON.stringify(resource)}`,
      document(resource),
      `The following resources are invalid : ${resource}`,
    ]),
    ['with 2,049 characters', document(ofLength(2049)), 'has 2049 characters'],
  ])('are refused %s', async (_, policyDocument, why) => {
    await expect(cloud.call('CreatePolicy', { policyName: name, policyDocument })).rejects.toMatchObject(
      refusedWith('MalformedPolicyException', why),
    );
    await expect(cloud.call('GetPolicy', { policyName: name })).rejects.toMatchObject(
      refusedWith('ResourceNotFoundException'),
    );
  });

  it.each(['*', 'iot:*', 'IOT:publish', 'iot:*ThingShadow', 'greengrass:Discover', 'iot:AssumeRoleWithCertificate'])(
    'may have the action %s',
    async (action) => {
      const policyDocument = document().replace('iot:Connect', action);
      expect(policyDocument).toContain(`"${action}"`);
      await cloud.call('CreatePolicy', { policyName: name, policyDocument });
    },
  );

  it('may have 2,048 characters besides white space', async () => {
    const longest = document(ofLength(2048));
    await cloud.call('CreatePolicy', { policyName: name, policyDocument: `${' '.repeat(500)}${longest}` });
  });

  it('are attached to certificates, ten at most, and not deleted meanwhile', async () => {
    const { certificateId } = await cloud.certify();
    const target = arn(`cert/${certificateId}`);
    for (let i = 0; i < 11; i += 1)
      await cloud.call('CreatePolicy', { policyName: `${name}-${i}`, policyDocument: document() });
    for (let i = 0; i < 10; i += 1) await cloud.call('AttachPolicy', { policyName: `${name}-${i}`, target });
    await cloud.call('AttachPolicy', { policyName: `${name}-0`, target });
    await expect(cloud.call('AttachPolicy', { policyName: `${name}-10`, target })).rejects.toMatchObject(
      refusedWith('LimitExceededException'),
    );
    expect(await cloud.call('ListTargetsForPolicy', { policyName: `${name}-0` })).toEqual({ targets: [target] });
    const page = await cloud.call<{ policies: unknown[]; nextMarker: string }>('ListAttachedPolicies', {
      target,
      pageSize: 9,
    });
    const rest = await cloud.call('ListAttachedPolicies', { target, marker: page.nextMarker });
    expect([page.policies.length, rest]).toMatchObject([9, { policies: [{ policyName: `${name}-9` }] }]);
    const policyDocument = document(arn('topic/in-force'));
    await cloud.call('CreatePolicyVersion', { policyName: `${name}-0`, policyDocument, setAsDefault: true });
    const effective = await cloud.call<{ effectivePolicies: object[] }>('GetEffectivePolicies', { principal: target });
    expect(effective.effectivePolicies).toHaveLength(10);
    expect(effective.effectivePolicies).toContainEqual({
      policyName: `${name}-0`,
      policyArn: arn(`policy/${name}-0`),
      policyDocument,
    });
    await expect(
      cloud.call('GetEffectivePolicies', { principal: target, thingName: `no-${name}` }),
    ).rejects.toMatchObject(refusedWith('ResourceNotFoundException'));
    await cloud.call('DeletePolicyVersion', { policyName: `${name}-0`, policyVersionId: '1' });
    await expect(cloud.call('DeletePolicy', { policyName: `${name}-0` })).rejects.toMatchObject(
      refusedWith(
        'DeleteConflictException',
        'The policy cannot be deleted as the policy is attached to one or more principals',
      ),
    );
    await cloud.call('DetachPolicy', { policyName: `${name}-0`, target });
    await cloud.call('DetachPolicy', { policyName: `${name}-0`, target });
    await cloud.call('DeletePolicy', { policyName: `${name}-0` });
  });

  it('are not attached to anything else', async () => {
    await cloud.call('CreatePolicy', { policyName: name, policyDocument: document() });
    await expect(cloud.call('AttachPolicy', { policyName: name, target: arn('thinggroup/all') })).rejects.toMatchObject(
      refusedWith('InvalidRequestException', 'not the ARN of a certificate'),
    );
  });
});

describe('certificates', () => {
  it('are described and listed with their status', async () => {
    const { certificateId, cert } = await cloud.certify();
    const { certificateDescription } = await cloud.call<{ certificateDescription: object }>('DescribeCertificate', {
      certificateId,
    });
    expect(certificateDescription).toMatchObject({
      certificateArn: arn(`cert/${certificateId}`),
      certificatePem: cert,
      status: 'ACTIVE',
      validity: { notAfter: new Date('2049-12-31T23:59:59Z') },
    });
    expect(await cloud.call('ListCertificates', { pageSize: 1, ascendingOrder: false })).toMatchObject({
      certificates: [{ certificateId }],
    });
  });

  it('are made INACTIVE unless asked otherwise', async () => {
    const { csr } = await makeCsr();
    const made = await cloud.call<{ certificateId: string }>('CreateCertificateFromCsr', {
      certificateSigningRequest: csr,
    });
    expect(await cloud.call('DescribeCertificate', { certificateId: made.certificateId })).toMatchObject({
      certificateDescription: { status: 'INACTIVE' },
    });
    const again = await cloud.call<{ certificateId: string }>('CreateCertificateFromCsr', {
      certificateSigningRequest: csr,
    });
    expect(again.certificateId).not.toBe(made.certificateId);
  });

  it('that are REVOKED stay so', async () => {
    const { certificateId } = await cloud.certify();
    const set = (newStatus: string): Promise<unknown> => cloud.call('UpdateCertificate', { certificateId, newStatus });
    await set('INACTIVE');
    await set('ACTIVE');
    await set('REVOKED');
    await set('REVOKED');
    for (const status of ['ACTIVE', 'INACTIVE'])
      await expect(set(status)).rejects.toMatchObject(refusedWith('CertificateStateException', 'final'));
    await expect(set('PENDING_TRANSFER')).rejects.toMatchObject(refusedWith('InvalidRequestException'));
  });

  it('are not deleted while ACTIVE, with a policy, or with a thing', async () => {
    const { certificateId } = await cloud.device(name);
    const principal = arn(`cert/${certificateId}`);
    const remove = (forceDelete?: boolean): Promise<unknown> =>
      cloud.call('DeleteCertificate', { certificateId, forceDelete });
    await expect(remove()).rejects.toMatchObject(
      refusedWith(
        'CertificateStateException',
        `Certificate must be deactivated \\(not ACTIVE\\) before deletion. Id: ${certificateId}`,
      ),
    );
    await cloud.call('UpdateCertificate', { certificateId, newStatus: 'REVOKED' });
    await expect(remove()).rejects.toMatchObject(refusedWith('DeleteConflictException', 'policies must be detached'));
    await expect(remove(true)).rejects.toMatchObject(refusedWith('DeleteConflictException', 'Things must be detached'));
    await expect(cloud.call('DeleteThing', { thingName: name })).rejects.toMatchObject(
      refusedWith(
        'InvalidRequestException',
        `Cannot delete. Thing ${name} is still attached to one or more principals`,
      ),
    );
    await cloud.call('DetachThingPrincipal', { thingName: name, principal });
    await remove(true);
    await cloud.call('DeleteThing', { thingName: name });
    await cloud.call('DeletePolicy', { policyName: name });
    await expect(remove()).rejects.toMatchObject(refusedWith('ResourceNotFoundException'));
  });
});

describe('a certificate and its things', () => {
  let identity: Identity;
  let principal: string;
  const attach = (thingName: string, thingPrincipalType?: string): Promise<unknown> =>
    cloud.call('AttachThingPrincipal', { thingName, principal, thingPrincipalType });
  beforeEach(async () => {
    identity = await cloud.certify();
    principal = arn(`cert/${identity.certificateId}`);
    for (const end of ['a', 'b']) await cloud.call('CreateThing', { thingName: `${name}-${end}` });
  });

  it('attached exclusively, it can have no second one', async () => {
    await attach(`${name}-a`, 'EXCLUSIVE_THING');
    await attach(`${name}-a`, 'EXCLUSIVE_THING');
    for (const type of ['EXCLUSIVE_THING', 'NON_EXCLUSIVE_THING', undefined])
      await expect(attach(`${name}-b`, type)).rejects.toMatchObject(
        refusedWith('InvalidRequestException', `it is attached to ${name}-a as EXCLUSIVE_THING`),
      );
    await expect(attach(`${name}-a`)).rejects.toMatchObject(
      refusedWith('InvalidRequestException', `attached to ${name}-a as EXCLUSIVE_THING already`),
    );
    expect(await cloud.call('ListThingPrincipalsV2', { thingName: `${name}-a` })).toEqual({
      thingPrincipalObjects: [{ principal, thingPrincipalType: 'EXCLUSIVE_THING' }],
    });
    expect(await cloud.call('ListPrincipalThingsV2', { principal, thingPrincipalType: 'NON_EXCLUSIVE_THING' })).toEqual(
      { principalThingObjects: [] },
    );
    await cloud.call('DetachThingPrincipal', { thingName: `${name}-a`, principal });
    await attach(`${name}-b`, 'EXCLUSIVE_THING');
  });

  it('attached commonly, it can have more, but none exclusively', async () => {
    await attach(`${name}-a`);
    await attach(`${name}-b`, 'NON_EXCLUSIVE_THING');
    await expect(attach(`${name}-a`, 'EXCLUSIVE_THING')).rejects.toMatchObject(refusedWith('InvalidRequestException'));
    expect(await cloud.call('ListPrincipalThings', { principal })).toEqual({ things: [`${name}-a`, `${name}-b`] });
    expect(await cloud.call('ListThingPrincipals', { thingName: `${name}-b` })).toEqual({ principals: [principal] });
  });

  it('both must exist', async () => {
    await expect(attach('nothing')).rejects.toMatchObject(refusedWith('ResourceNotFoundException', 'Thing nothing'));
    const missing = arn(`cert/${'0'.repeat(64)}`);
    await expect(
      cloud.call('AttachThingPrincipal', { thingName: `${name}-a`, principal: missing }),
    ).rejects.toMatchObject(refusedWith('ResourceNotFoundException', '0000'));
  });
});

describe('the rest', () => {
  it('tags policies and rules, and nothing else', async () => {
    await cloud.call('CreatePolicy', {
      policyName: name,
      policyDocument: document(),
      tags: [{ Key: 'a', Value: '1' }],
    });
    const resourceArn = arn(`policy/${name}`);
    await cloud.call('TagResource', {
      resourceArn,
      tags: [
        { Key: 'b', Value: '2' },
        { Key: 'a', Value: '3' },
      ],
    });
    await cloud.call('UntagResource', { resourceArn, tagKeys: ['b'] });
    expect(await cloud.call('ListTagsForResource', { resourceArn })).toEqual({ tags: [{ Key: 'a', Value: '3' }] });
    await expect(cloud.call('ListTagsForResource', { resourceArn: arn('thing/x') })).rejects.toMatchObject(
      refusedWith('InvalidRequestException'),
    );
    await expect(cloud.call('ListTagsForResource', { resourceArn: arn('rule/x') })).rejects.toMatchObject(
      refusedWith('ResourceNotFoundException'),
    );
  });

  it('names the endpoint of devices, and no other', async () => {
    expect(await cloud.call('DescribeEndpoint', { endpointType: 'iot:Data-ATS' })).toEqual({
      endpointAddress: `localhost:${cloud.iot.mqttPort}`,
    });
    await expect(cloud.call('DescribeEndpoint')).rejects.toMatchObject(refusedWith('NotImplemented', 'iot:Data'));
  });

  it('says that a port is taken', async () => {
    const taken = cloud.iot.mqttPort;
    const { iam, dispatcher, log } = cloud;
    const state = await State.open();
    const options = {
      state,
      metrics: new MetricStore(state),
      account: ACCOUNT,
      iam,
      dispatcher,
      log,
      readings: DEFAULT_READINGS,
      pace: quickPace(),
      mqttPort: taken,
      host: '127.0.0.1',
    };
    const second = await createIot(options);
    await expect(second.listen()).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await second.close();
  });
});
