import type * as sdk from '@aws-sdk/client-iot';
import { AwsError } from '../../errors.ts';
import type { Operations } from '../../service.ts';
import type { CertificateAuthority, Issued } from '../certificate-authority.ts';
import { checkName, invalidRequest, iotArn } from '../names.ts';
import { page } from '../paging.ts';
import type { Certificate, Registry } from './registry.ts';

export function certificateOperations(registry: Registry, authority: CertificateAuthority): Operations<typeof sdk> {
  const { account, certificates } = registry;
  const arn = (id: string): string => iotArn(account, `cert/${id}`);
  const resource = (input: { certificateId?: string }): string => arn(input.certificateId ?? '');
  const find = (input: { certificateId?: string }): Certificate =>
    registry.certificate(checkName('certificateId', input.certificateId));
  const store = (issued: Issued, setAsActive = false) => {
    const created = new Date();
    const status = setAsActive ? 'ACTIVE' : 'INACTIVE';
    certificates.set(issued.id, { ...issued, created, modified: created, status });
    return { certificateArn: arn(issued.id), certificateId: issued.id, certificatePem: issued.pem };
  };
  return {
    // The same CSR makes another certificate each time, as at AWS.
    CreateCertificateFromCsr: {
      resource: () => '*',
      handle: async ({ certificateSigningRequest, setAsActive }) => {
        return store(await authority.certify(certificateSigningRequest ?? ''), setAsActive);
      },
    },
    CreateKeysAndCertificate: {
      resource: () => '*',
      handle: async ({ setAsActive }) => {
        const { issued, publicKeyPem, privateKeyPem } = await authority.certifyNewKey();
        return { ...store(issued, setAsActive), keyPair: { PublicKey: publicKeyPem, PrivateKey: privateKeyPem } };
      },
    },
    DescribeCertificate: {
      resource,
      handle: (input) => {
        const { id, pem, status, created, modified, notBefore, notAfter } = find(input);
        return {
          certificateDescription: {
            certificateArn: arn(id),
            certificateId: id,
            certificatePem: pem,
            status,
            ownedBy: account.id,
            creationDate: created,
            lastModifiedDate: modified,
            customerVersion: 1,
            validity: { notBefore, notAfter },
            certificateMode: 'DEFAULT',
          },
        };
      },
    },
    ListCertificates: {
      resource: () => '*',
      handle: ({ pageSize, marker, ascendingOrder }) => {
        const { items, next } = page(certificates.values(), ({ created, id }) => `${created.toISOString()} ${id}`, {
          size: pageSize,
          token: marker,
          descending: ascendingOrder === false,
        });
        return {
          certificates: items.map(({ id, status, created }) => ({
            certificateArn: arn(id),
            certificateId: id,
            status,
            certificateMode: 'DEFAULT' as const,
            creationDate: created,
          })),
          nextMarker: next,
        };
      },
    },
    // The broker hears of it and ends live sessions, at once or by the pace of AWS.
    UpdateCertificate: {
      resource,
      handle: (input) => {
        const certificate = find(input);
        const status = input.newStatus;
        if (status !== 'ACTIVE' && status !== 'INACTIVE' && status !== 'REVOKED')
          throw invalidRequest(`newStatus must be ACTIVE, INACTIVE or REVOKED, not ${status}`);
        if (certificate.status === status) return;
        if (certificate.status === 'REVOKED')
          throw new AwsError(
            'CertificateStateException',
            `Certificate is REVOKED, which is final; it cannot become ${status}. Id: ${certificate.id}`,
            406,
          );
        certificates.set(certificate.id, { ...certificate, status, modified: new Date() });
      },
    },
    DeleteCertificate: {
      resource,
      handle: (input) => {
        const { id, status } = find(input);
        if (status === 'ACTIVE')
          throw new AwsError(
            'CertificateStateException',
            `Certificate must be deactivated (not ACTIVE) before deletion. Id: ${id}`,
            406,
          );
        const policies = registry.policyAttachmentsOf({ certificateId: id });
        // `forceDelete` does without the detaching of policies, not of things (API Reference, DeleteCertificate).
        if (policies.length > 0 && !input.forceDelete)
          throw conflict(`Certificate policies must be detached before deletion (arn: ${arn(id)})`);
        if (registry.thingAttachmentsOf({ certificateId: id }).length > 0)
          throw conflict(`Things must be detached before deletion (arn: ${arn(id)})`);
        for (const { policyName } of policies) registry.detachPolicy(policyName, id);
        certificates.delete(id);
      },
    },
  };
}

const conflict = (message: string): AwsError => new AwsError('DeleteConflictException', message, 409);
