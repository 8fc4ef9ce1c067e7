import { describe, expect, it } from 'vitest';
import { arn } from './iot-cloud.ts';
import { cloud, document, name, refusedWith, useRegistryCloud } from './registry-cloud.ts';

useRegistryCloud();

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
      ['3', true],
      ['4', false],
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
