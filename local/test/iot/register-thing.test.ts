import type { DescribeThingResponse, ListAttachedPoliciesResponse } from '@aws-sdk/client-iot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arn } from './iot-cloud.ts';
import { BOARDS, certificate, cloud, start, status } from './provisioning-cloud.ts';

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
