import { CustomResource } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { newestGeneration } from '../fleet/generations.ts';
import type { FleetDevice, Site } from '../fleet/read.ts';
import type { DeviceCertificateFunction } from './device-certificate-function.ts';

export interface DeviceEnrolmentProps {
  readonly site: Pick<Site, 'name' | 'names'>;
  readonly device: Pick<FleetDevice, 'name' | 'revoked' | 'generations'>;
  /** Revokes and deletes the certificates that the device has got by enrolment. */
  readonly certificates: DeviceCertificateFunction;
}

/**
 * The certificates that a device gets by enrolment, for keys that its board makes. The deployment makes none of them: it revokes
 * them with the device, and deletes them when the device goes, or turns to another kind of key.
 */
export class DeviceEnrolment extends Construct {
  constructor(scope: Construct, { site, device, certificates }: DeviceEnrolmentProps) {
    super(scope, 'Enrolment');
    const { name, revoked } = device;
    const { number } = newestGeneration(device);
    new CustomResource(this, 'Resource', {
      resourceType: 'Custom::DeviceCertificate',
      serviceToken: certificates.function.functionArn,
      serviceTimeout: certificates.serviceTimeout,
      properties: {
        device: name,
        ...site.names.holder(name),
        parameterPath: site.names.devicePath(site.name, name),
        key: 'board',
        revoked,
        ...(number !== 1 && { generation: number }),
      },
    });
  }
}
