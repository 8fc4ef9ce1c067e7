import 'reflect-metadata';
import type { Refusal } from '../../src/log.ts';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EC, type Identity, IotCloud, arn, devicePolicy, heard } from './iot-cloud.ts';

let cloud: IotCloud;
let kitchen: Identity;
let garage: Identity;

beforeAll(async () => {
  cloud = await IotCloud.start();
  kitchen = await cloud.device('kitchen');
  garage = await cloud.device('garage');
});
afterAll(() => cloud.stop());

/** Without the certificate's id, which `who` has as well. */
const lastRefusal = () => {
  const { certificateId, ...rest }: Partial<Refusal> = cloud.log.refusals.at(-1) ?? {};
  expect(rest.who).toContain(`certificate ${certificateId ?? 'none'}`);
  return rest;
};
const whoIs = (clientId: string, { certificateId }: Identity): string =>
  `client ${clientId} (certificate ${certificateId}, 127.0.0.1)`;

describe('connecting', () => {
  it.each(['TLSv1.2', 'TLSv1.3'] as const)('lets a device in over %s', async (version) => {
    const client = await cloud.connect(kitchen, 'kitchen', { minVersion: version, maxVersion: version });
    await client.endAsync();
    expect(cloud.log.lines).toContain(`connected: ${whoIs('kitchen', kitchen)}`);
  });

  it('lets a device with an RSA key in', async () => {
    const rsa = await cloud.certify({
      name: 'RSASSA-PKCS1-v1_5',
      modulusLength: 2048,
      publicExponent: new Uint8Array([1, 0, 1]),
      hash: 'SHA-256',
    });
    await cloud.allow(rsa, 'rsa', {
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Action: 'iot:Connect', Resource: arn('client/rsa') },
    });
    await (await cloud.connect(rsa, 'rsa')).endAsync();
  });

  it("refuses another device's client id, and says which certificate came with it", async () => {
    await cloud.refused(garage, 'kitchen');
    expect(lastRefusal()).toEqual({
      clientId: 'kitchen',
      who: whoIs('kitchen', garage),
      action: 'iot:Connect',
      resource: arn('client/kitchen'),
      why: 'no statement allows it in garage',
    });
  });

  it.each(['+', '#', '*', '?', '${iot:ClientId}', 'kitche?', 'kitchen/', ' kitchen', ''])(
    'refuses the client id %j',
    async (clientId) => {
      await cloud.refused(kitchen, clientId);
      expect(lastRefusal()).toMatchObject({ action: 'iot:Connect', why: 'no statement allows it in kitchen' });
    },
  );

  it('refuses a client id of more than 128 bytes', async () => {
    await cloud.refused(kitchen, 'ü'.repeat(65));
    expect(lastRefusal()?.why).toBe('the client id has 130 bytes; at most 128 are allowed');
  });

  it('refuses a client without a certificate', async () => {
    await cloud.refused({}, 'kitchen');
    expect(lastRefusal()).toEqual({
      who: 'a client (certificate none, 127.0.0.1)',
      action: 'iot:Connect',
      resource: arn('client/*'),
      why: 'no client certificate was presented',
    });
  });

  it('refuses a certificate of another CA, though its subject is the same', async () => {
    const other = await IotCloud.start();
    const stranger = await other.certify();
    await other.stop();
    await cloud.refused(stranger, 'kitchen');
    expect(lastRefusal()?.why).toMatch(/^the certificate is not signed by this cloud's CA \(.+\)$/);
    expect(lastRefusal()?.who).toContain(stranger.certificateId);
  });

  it('refuses a certificate that someone made himself, with the names of a real one', async () => {
    const real = new x509.X509Certificate(kitchen.cert);
    const keys = await webcrypto.subtle.generateKey(EC, true, ['sign', 'verify']);
    const forged = await x509.X509CertificateGenerator.create({
      subject: real.subject,
      issuer: real.issuer,
      serialNumber: real.serialNumber,
      notBefore: real.notBefore,
      notAfter: real.notAfter,
      publicKey: keys.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    });
    const key = x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
    await cloud.refused({ key, cert: forged.toString('pem') }, 'kitchen');
    expect(lastRefusal()?.why).toMatch(/^the certificate is not signed by this cloud's CA/);
  });

  it('refuses a certificate that was deleted here', async () => {
    const identity = await cloud.certify();
    await cloud.call('UpdateCertificate', { certificateId: identity.certificateId, newStatus: 'INACTIVE' });
    await cloud.call('DeleteCertificate', { certificateId: identity.certificateId });
    await cloud.refused(identity, 'kitchen');
    expect(lastRefusal()?.why).toBe('the certificate is not registered here');
  });

  it('refuses MQTT 5 with what to use instead', async () => {
    await cloud.refused(kitchen, 'kitchen', { protocolVersion: 5 });
    expect(lastRefusal()?.why).toBe('MQTT 5 is not supported by the local cloud; use MQTT 3.1.1');
  });

  it('refuses a device whose certificate is not attached to its thing any more', async () => {
    const shed = await cloud.device('shed');
    await (await cloud.connect(shed, 'shed')).endAsync();
    await cloud.call('DetachThingPrincipal', { thingName: 'shed', principal: arn(`cert/${shed.certificateId}`) });
    await cloud.refused(shed, 'shed');
    expect(lastRefusal()?.why).toBe('no statement allows it in shed');
  });
});

describe('a certificate that is not ACTIVE', () => {
  it.each(['INACTIVE', 'REVOKED'] as const)('when %s ends the live session and lets none in', async (newStatus) => {
    const name = `device-${newStatus}`;
    const identity = await cloud.device(name);
    const client = await cloud.connect(identity, name);
    const other = await cloud.connect(kitchen, 'kitchen');
    const closed = heard(client, 'close');
    await cloud.call('UpdateCertificate', { certificateId: identity.certificateId, newStatus });
    await closed;
    const refusal = {
      who: whoIs(name, identity),
      action: 'iot:Connect',
      resource: arn(`client/${name}`),
      why: `the certificate is ${newStatus}`,
      clientId: name,
    };
    expect(lastRefusal()).toEqual(refusal);
    await cloud.refused(identity, name);
    expect(lastRefusal()?.why).toBe(refusal.why);
    await other.publishAsync('rtjm/kitchen/telemetry', '{}', { qos: 1 });
    expect(other.connected).toBe(true);
    await other.endAsync();
  });
});

describe('a last will', () => {
  const will = (topic: string, more: { retain?: boolean; qos?: 0 | 1 | 2 } = {}) => ({
    will: { topic, payload: Buffer.from('gone'), qos: 0 as 0 | 1 | 2, retain: false, ...more },
  });

  it('lets the device connect when its topic is allowed', async () => {
    await (await cloud.connect(kitchen, 'kitchen', will('rtjm/kitchen/status'))).endAsync();
  });

  it.each([
    [
      'of another device',
      will('rtjm/garage/status'),
      'iot:Publish',
      'no statement allows it in kitchen (as last will)',
    ],
    ['that is retained', will('rtjm/kitchen/status', { retain: true }), 'iot:RetainPublish', /as last will/],
    ['with QoS 2', will('rtjm/kitchen/status', { qos: 2 }), 'iot:Publish', /QoS 2 is not supported/],
    ['with a wildcard', will('rtjm/kitchen/#'), 'iot:Publish', /without wildcards/],
    ['on a reserved topic', will('$aws/things/kitchen/shadow/update'), 'iot:Publish', /reserved/],
  ])('%s fails the CONNECT', async (_, options, action, why) => {
    await cloud.refused(kitchen, 'kitchen', options);
    expect(lastRefusal()).toMatchObject({ who: whoIs('kitchen', kitchen), action });
    expect(lastRefusal()?.why).toMatch(why);
  });
});

describe('what a policy may ask about a connection', () => {
  const allow = (resource: string, condition?: object): object => ({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Action: 'iot:Connect', Resource: resource, Condition: condition },
  });
  const cases: [what: string, policy: (identity: Identity) => object, allowed: boolean][] = [
    ['its client id', () => allow(arn('client/${iot:ClientId}')), true],
    ['its thing', () => allow(arn('client/${iot:Connection.Thing.ThingName}')), true],
    ['an attribute of its thing', () => allow(arn('client/${iot:Connection.Thing.Attributes[name]}')), true],
    ['an attribute that its thing lacks', () => allow(arn('client/${iot:Connection.Thing.Attributes[other]}')), false],
    [
      'its certificate',
      ({ certificateId }) => allow('*', { StringEquals: { 'iot:CertificateId': certificateId } }),
      true,
    ],
    [
      'the name in its certificate',
      () => allow('*', { StringEquals: { 'iot:Certificate.Subject.CommonName': 'AWS IoT Certificate' } }),
      true,
    ],
    [
      'the names of the issuer',
      () => allow('*', { 'ForAnyValue:StringEquals': { 'iot:Certificate.Issuer.Organization.List': ['esp-fleet'] } }),
      true,
    ],
    ['its address', () => allow('*', { StringEquals: { 'aws:SourceIp': '127.0.0.1' } }), true],
    ['another address', () => allow('*', { StringEquals: { 'aws:SourceIp': '10.0.0.1' } }), false],
    [
      'that it is no persistent session',
      () => allow('*', { 'ForAllValues:StringNotEquals': { 'iot:ConnectAttributes': ['PersistentConnect'] } }),
      true,
    ],
    [
      'that it is a persistent session',
      () => allow('*', { 'ForAnyValue:StringEquals': { 'iot:ConnectAttributes': ['PersistentConnect'] } }),
      false,
    ],
    ['the topic of its will', () => allow('*', { ArnEquals: { 'iot:LastWillTopic': arn('topic/x') } }), false],
  ];
  it.each(cases)('%s', async (what, policy, allowed) => {
    const name = `asked-${cases.findIndex(([other]) => other === what)}`;
    const identity = await cloud.certify();
    await cloud.call('CreateThing', { thingName: name, attributePayload: { attributes: { name } } });
    await cloud.call('AttachThingPrincipal', { thingName: name, principal: arn(`cert/${identity.certificateId}`) });
    await cloud.allow(identity, name, policy(identity));
    const connecting = cloud.connect(identity, name);
    if (allowed) await (await connecting).endAsync();
    else await expect(connecting).rejects.toThrow('refused');
  });

  it('knows the thing by the client id when the certificate is not exclusively attached, else by the certificate', async () => {
    const identity = await cloud.certify();
    const principal = arn(`cert/${identity.certificateId}`);
    for (const thingName of ['common-a', 'common-b']) {
      await cloud.call('CreateThing', { thingName });
      await cloud.call('AttachThingPrincipal', { thingName, principal });
    }
    await cloud.allow(identity, 'attached', allow('*', { Bool: { 'iot:Connection.Thing.IsAttached': 'true' } }));
    await (await cloud.connect(identity, 'common-b')).endAsync();
    await cloud.refused(identity, 'kitchen');
    await cloud.call('DetachThingPrincipal', { thingName: 'common-a', principal });
    await cloud.call('DetachThingPrincipal', { thingName: 'common-b', principal });
    await cloud.call('AttachThingPrincipal', {
      thingName: 'common-a',
      principal,
      thingPrincipalType: 'EXCLUSIVE_THING',
    });
    await (await cloud.connect(identity, 'any-client-id')).endAsync();
  });

  it('with a certificate without a policy: nothing', async () => {
    await cloud.refused(await cloud.certify(), 'kitchen');
    expect(lastRefusal()?.why).toBe('no policy is attached');
  });

  it('as esp-fleet does it: the policy of one device is no use with the certificate of another', async () => {
    const thief = await cloud.certify();
    await cloud.allow(thief, 'stolen', devicePolicy('kitchen'));
    await cloud.refused(thief, 'kitchen');
    expect(lastRefusal()?.why).toBe('no statement allows it in stolen');
  });
});
