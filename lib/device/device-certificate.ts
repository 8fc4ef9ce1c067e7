import { CustomResource } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { identityParameterName, policyName, thingName } from '../fleet/names.ts';
import type { DeviceCertificateFunction } from './device-certificate-function.ts';

export interface DeviceCertificateProps {
  readonly site: string;
  readonly device: string;
  /** REVOKED for good, see `revoked` in the fleet file. */
  readonly revoked: boolean;
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
  constructor(scope: Construct, id: string, { site, device, revoked, certificates }: DeviceCertificateProps) {
    super(scope, id);
    new CustomResource(this, 'Resource', {
      resourceType: 'Custom::DeviceCertificate',
      serviceToken: certificates.functionArn,
      serviceTimeout: certificates.serviceTimeout,
      properties: {
        device,
        thingName: thingName(device),
        policyName: policyName(device),
        parameterName: identityParameterName(site, device),
        revoked,
      },
    });
  }
}
