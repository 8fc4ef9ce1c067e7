import type { CertificateStatus, ThingPrincipalType } from '@aws-sdk/client-iot';
import { NotImplementedError } from '../../errors.ts';
import { ifThere, provider, unlessGone } from './provider.ts';

const GONE = 'ResourceNotFoundException';

interface CertificateProperties {
  readonly Status: CertificateStatus;
  readonly CertificateSigningRequest?: string;
}

/** By a certificate signing request; one that is registered, or of another authority, is not served. */
export const certificate = provider<CertificateProperties>({
  properties: ['Status', 'CertificateSigningRequest'],
  async create({ properties: { Status, CertificateSigningRequest: certificateSigningRequest }, invoke, created }) {
    if (certificateSigningRequest === undefined)
      throw new NotImplementedError('AWS::IoT::Certificate without CertificateSigningRequest');
    const request = { certificateSigningRequest, setAsActive: Status === 'ACTIVE' };
    const { certificateId = '', certificateArn = '' } = await invoke('iot', 'CreateCertificateFromCsr', request);
    const attributes = created({ Id: certificateId, Arn: certificateArn });
    if (Status !== 'ACTIVE') await invoke('iot', 'UpdateCertificate', { certificateId, newStatus: Status });
    return attributes;
  },
  async update({ properties, attributes, invoke }) {
    await invoke('iot', 'UpdateCertificate', { certificateId: attributes.Id, newStatus: properties.Status });
  },
  // Its schema lets the handler call UpdateCertificate, without which an ACTIVE one could not be deleted. It detaches nothing.
  async delete({ attributes: { Id: certificateId }, invoke }) {
    const found = await ifThere(invoke('iot', 'DescribeCertificate', { certificateId }), GONE);
    if (found?.certificateDescription?.status === 'ACTIVE')
      await invoke('iot', 'UpdateCertificate', { certificateId, newStatus: 'INACTIVE' });
    await unlessGone(invoke('iot', 'DeleteCertificate', { certificateId }), GONE);
  },
});

interface PolicyAttachmentProperties {
  readonly PolicyName: string;
  readonly Principal: string;
}

export const policyPrincipalAttachment = provider<PolicyAttachmentProperties>({
  properties: ['PolicyName', 'Principal'],
  async create({ properties: { PolicyName: policyName, Principal: target }, invoke, created }) {
    await invoke('iot', 'AttachPolicy', { policyName, target });
    return created({ Id: `${policyName}|${target}` });
  },
  async delete({ properties: { PolicyName: policyName, Principal: target }, invoke }) {
    await unlessGone(invoke('iot', 'DetachPolicy', { policyName, target }), GONE);
  },
});

interface ThingAttachmentProperties {
  readonly ThingName: string;
  readonly Principal: string;
  readonly ThingPrincipalType?: ThingPrincipalType;
}

export const thingPrincipalAttachment = provider<ThingAttachmentProperties>({
  properties: ['ThingName', 'Principal', 'ThingPrincipalType'],
  async create({ properties, invoke, created }) {
    const { ThingName: thingName, Principal: principal, ThingPrincipalType: thingPrincipalType } = properties;
    await invoke('iot', 'AttachThingPrincipal', { thingName, principal, thingPrincipalType });
    return created({ ThingName: thingName, Principal: principal });
  },
  async delete({ properties: { ThingName: thingName, Principal: principal }, invoke }) {
    await unlessGone(invoke('iot', 'DetachThingPrincipal', { thingName, principal }), GONE);
  },
});
