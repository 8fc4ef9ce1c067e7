import { CfnResource, Stack } from 'aws-cdk-lib';
import type { Construct, IConstruct } from 'constructs';
import { CertificateErrorsAlarm } from './device/certificate-errors-alarm.ts';
import { DeviceCertificateFunction } from './device/device-certificate-function.ts';
import { Device } from './device/device.ts';
import { FleetFileError } from './fleet/fleet-file-error.ts';
import { siteStackName } from './fleet/names.ts';
import type { Site } from './fleet/read.ts';
import type { FleetSettings } from './fleet/schema.ts';

/** CloudFormation's quota of resources in one stack. */
const RESOURCES_A_STACK = 500;

export interface SiteStackProps {
  readonly site: Site;
  readonly settings: Pick<FleetSettings, 'ingest' | 'silentAfter'>;
}

/** The devices of one fleet file, and the function that makes their certificates. */
export class SiteStack extends Stack {
  /** @throws {FleetFileError} at the first device for which the stack has no room */
  constructor(scope: Construct, { site, settings }: SiteStackProps) {
    super(scope, siteStackName(site.name), { description: `esp-fleet: the devices of the site ${site.name}` });
    const certificates = new DeviceCertificateFunction(this, 'DeviceCertificates', { site: site.name });
    new CertificateErrorsAlarm(this, 'CertificateErrors', { site: site.name, certificates: certificates.function });

    let resources = resourcesIn(this);
    // The order of a fleet file is for its readers: to move a device within it changes nothing.
    const byName = site.devices.toSorted((one, other) => (one.name < other.name ? -1 : 1));
    for (const [placed, device] of byName.entries()) {
      resources += resourcesIn(new Device(this, { site: site.name, device, certificates, settings }));
      if (resources > RESOURCES_A_STACK) {
        const { name, line } = site.devices[placed] ?? device; // of as many as have room, the next in the file
        throw new FleetFileError(
          site.file,
          line,
          `no room for device "${name}": one file is one CloudFormation stack of at most ${RESOURCES_A_STACK} ` +
            'resources; move it and what follows to a second fleet file',
        );
      }
    }
  }
}

function resourcesIn(construct: IConstruct): number {
  return construct.node.findAll().filter((child) => CfnResource.isCfnResource(child)).length;
}
