import { CustomResource } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { identityParameterName, policyName, thingName } from '../fleet/names.ts';
import type { FleetDevice } from '../fleet/read.ts';
import type { DeviceCertificateFunction } from './device-certificate-function.ts';

export interface DeviceCertificateProps {
  readonly site: string;
  readonly device: FleetDevice;
  /** Makes, revokes and deletes the certificates of the site. */
  readonly certificates: DeviceCertificateFunction;
}

/**
 * An X.509 certificate attached to the device's thing and policy, and the identity that goes with it in the SSM
 * Parameter Store. Its Ref is the certificate's id.
 *
 * The function is called without CDK's Provider framework, which would write the pre-signed URL of the answer into
 * the history of a state machine.
 */
export class DeviceCertificate extends Construct {
  constructor(scope: Construct, id: string, { site, device, certificates }: DeviceCertificateProps) {
    super(scope, id);
    const { name, revoked, generation, keyType, csr } = device;
    new CustomResource(this, 'Resource', {
      resourceType: 'Custom::DeviceCertificate',
      serviceToken: certificates.function.functionArn,
      serviceTimeout: certificates.serviceTimeout,
      properties: {
        device: name,
        thingName: thingName(name),
        policyName: policyName(name),
        parameterName: identityParameterName(site, name),
        revoked,
        // What stands at its default is left out: a template shows what is special about a device.
        ...(generation !== 1 && { generation }),
        ...(keyType !== 'ec' && { keyType }),
        ...(csr !== undefined && { csr }),
      },
    });
  }
}
