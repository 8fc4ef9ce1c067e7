import { RemovalPolicy } from 'aws-cdk-lib';
import { CfnThing } from 'aws-cdk-lib/aws-iot';
import { Construct } from 'constructs';
import type { FleetDevice, Site } from '../fleet/read.ts';
import type { FleetSettings } from '../fleet/schema.ts';
import type { DeviceCertificateFunction } from './device-certificate-function.ts';
import { WANTS, wantedOf } from '../fleet/enrolment.ts';
import { newestGeneration } from '../fleet/generations.ts';
import { DeviceCertificate } from './device-certificate.ts';
import { DevicePolicy } from './device-policy.ts';

export interface DeviceProps {
  readonly site: Pick<Site, 'name' | 'names'>;
  readonly device: Pick<FleetDevice, 'name' | 'revoked' | 'enrols' | 'generations'>;
  readonly certificates: DeviceCertificateFunction;
  readonly settings: Pick<FleetSettings, 'ingest'>;
}

/**
 * One board: a thing, a policy and a certificate for each of its generations. Its construct id is the device's name and nothing else, since the
 * logical ids come from it, and a new logical id would mean a new key and a board that cannot connect any more.
 */
export class Device extends Construct {
  readonly policy: DevicePolicy;

  constructor(scope: Construct, { site, device, certificates, settings }: DeviceProps) {
    // In the library's list of children, a plain object, this one name is always taken; no device has a capital letter.
    super(scope, device.name === 'constructor' ? 'Constructor' : device.name);
    const thing = new CfnThing(this, 'Thing', {
      thingName: site.names.thing(device.name),
      ...(device.enrols && { attributePayload: { attributes: { [WANTS]: wantedOf(device) } } }),
    });
    // One that was there before is imported, which CloudFormation does for what it would leave behind alone (User Guide,
    // "Import AWS resources into a CloudFormation stack automatically"), and stays when the device goes.
    if (device.generations.some(({ certificateId }) => certificateId !== undefined)) {
      thing.applyRemovalPolicy(RemovalPolicy.RETAIN);
    }
    this.policy = new DevicePolicy(this, 'Policy', {
      names: site.names,
      device: device.name,
      ingest: settings.ingest,
      ...(device.enrols && { enrols: true }),
    });
    const generations = device.enrols ? [newestGeneration(device)] : device.generations;
    const made = generations.map(
      (generation) => new DeviceCertificate(this, { site, device, generation, certificates }),
    );
    // Deleted the other way round: AWS IoT deletes neither a thing nor a policy that a certificate is attached to.
    for (const certificate of made) certificate.node.addDependency(thing, this.policy);
  }
}
