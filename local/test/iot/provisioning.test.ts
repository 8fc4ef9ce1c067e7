import type { DescribeThingResponse, ListThingPrincipalsV2Response } from '@aws-sdk/client-iot';
import type { MqttClient } from 'mqtt';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ACCOUNT, arn } from './iot-cloud.ts';
import {
  BODY,
  PERMITTED,
  ROLE,
  claim,
  cloud,
  obtain,
  permit,
  register,
  start,
  status,
  template,
} from './provisioning-cloud.ts';
import { FROM_CSR, KEYS, ask, claimPolicy, provision } from './provisioning-requests.ts';
import { trust } from './rule-cloud.ts';

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
