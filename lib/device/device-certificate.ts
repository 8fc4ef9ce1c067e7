import { type CfnResource, CustomResource } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { Generation } from '../fleet/generations.ts';
import type { FleetDevice, Site } from '../fleet/read.ts';
import type { DeviceCertificateFunction } from './device-certificate-function.ts';

export interface DeviceCertificateProps {
  readonly site: Pick<Site, 'name' | 'names'>;
  readonly device: Pick<FleetDevice, 'name' | 'revoked' | 'enrols'>;
  /** Which of its identities; of a device that enrols, the newest. */
  readonly generation: Generation;
  /** Makes, revokes and deletes the certificates of the site. */
  readonly certificates: DeviceCertificateFunction;
}

/**
 * One generation of a device's identity: an X.509 certificate attached to its thing and policy, and what goes with it in the
 * SSM Parameter Store. It is created, revoked and deleted, and never changes otherwise. Its Ref is the certificate's id.
 * With the certificate that a board has already it is taken over and given back instead. Of a device whose board makes its keys, one
 * resource stands for all certificates that it gets by enrolment, and makes none of them: it revokes them with the device, and deletes
 * them when the device goes, or turns to another kind of key.
 *
 * The function is called without CDK's Provider framework, which would write the pre-signed URL of the answer into
 * the history of a state machine.
 */
export class DeviceCertificate extends Construct {
  /** The logical id comes from the device and the generation alone: with another one, the board would need another key. */
  constructor(scope: Construct, { site, device, generation, certificates }: DeviceCertificateProps) {
    const { number, keyType, csr, certificateId, policies } = generation;
    const { name, revoked, enrols } = device;
    super(scope, enrols ? 'Enrolment' : number === 1 ? 'Certificate' : `Certificate${number}`);
    const { thingName, policyName } = site.names.holder(name);
    const resource = new CustomResource(this, 'Resource', {
      resourceType: 'Custom::DeviceCertificate',
      serviceToken: certificates.function.functionArn,
      serviceTimeout: certificates.serviceTimeout,
      properties: {
        device: name,
        parameterPath: enrols
          ? site.names.devicePath(site.name, name)
          : site.names.identityPath(site.name, name, number),
        ...(enrols && { key: 'board' }),
        // What stands at its default is left out: a template shows what is special about a device.
        ...(thingName !== name && { thingName }),
        ...(policyName !== name && { policyName }),
        ...(revoked && { revoked }),
        ...(number !== 1 && { generation: number }),
        ...(keyType !== 'ec' && { keyType }),
        ...(csr !== undefined && { csr: csr.pem }),
        ...(certificateId !== undefined && { certificateId }),
        ...(policies !== undefined && { policies }),
      },
    });
    // CDK writes "Delete", which CloudFormation does by itself.
    const { cfnOptions } = resource.node.defaultChild as CfnResource;
    delete cfnOptions.deletionPolicy;
    delete cfnOptions.updateReplacePolicy;
  }
}
