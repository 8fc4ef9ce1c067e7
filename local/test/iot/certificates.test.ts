import { beforeEach, describe, expect, it } from 'vitest';
import { type Identity, arn, makeCsr } from './iot-cloud.ts';
import { cloud, name, refusedWith, useRegistryCloud } from './registry-cloud.ts';

useRegistryCloud();

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
