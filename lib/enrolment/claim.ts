import { CfnPolicy, CfnThing } from 'aws-cdk-lib/aws-iot';
import { CustomResource } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { DeviceCertificateFunction } from '../device/device-certificate-function.ts';
import { allow } from '../device/device-policy.ts';
import { CLAIM_SITE, type FleetNames } from '../fleet/names.ts';

export interface ClaimProps {
  readonly names: FleetNames;
  /** See {@link DeviceCertificateFunction}. */
  readonly kmsKey?: string | undefined;
}

/**
 * The certificate by which a board that has no identity yet connects, the same for all boards of a fleet. It reaches the topics of
 * the enrolment and nothing else: no device's topics, no other's answers. Its key stands in the firmware, so that it is no secret
 * for long; what a board may have, its code decides.
 */
export class Claim extends Construct {
  constructor(scope: Construct, id: string, { names, kmsKey }: ClaimProps) {
    super(scope, id);
    const requests = names.enrolmentTopics;
    const answers = requests.map((topic) => `${topic}/*`);
    const thing = new CfnThing(this, 'Thing', { thingName: names.claim });
    const policy = new CfnPolicy(this, 'Policy', {
      policyName: names.claim,
      policyDocument: {
        Version: '2012-10-17',
        Statement: [
          // Two boards with one client id would end each other's connections.
          allow('Connect', 'client', names.claimClients),
          allow('Publish', 'topic', ...requests),
          allow('Subscribe', 'topicfilter', ...answers),
          allow('Receive', 'topic', ...answers),
        ],
      },
    });
    const certificates = new DeviceCertificateFunction(this, 'Certificates', {
      site: { name: CLAIM_SITE, names },
      kmsKey,
    });
    const certificate = new CustomResource(this, 'Certificate', {
      resourceType: 'Custom::DeviceCertificate',
      serviceToken: certificates.function.functionArn,
      serviceTimeout: certificates.serviceTimeout,
      properties: {
        device: names.claim,
        thingName: names.claim,
        policyName: names.claim,
        parameterPath: names.claimPath,
        revoked: false,
      },
    });
    certificate.node.addDependency(thing, policy);
  }
}
