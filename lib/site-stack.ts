import { CfnResource } from 'aws-cdk-lib';
import type { Construct, IConstruct } from 'constructs';
import { createHash } from 'node:crypto';
import { FunctionErrorsAlarm } from './device/function-errors-alarm.ts';
import { DeviceCertificateFunction } from './device/device-certificate-function.ts';
import { DeviceList } from './device/device-list.ts';
import { Device } from './device/device.ts';
import { FleetStack } from './fleet-stack.ts';
import { FleetFileError } from './fleet/fleet-file-error.ts';
import { KEPT_POLICIES, keptPolicies } from './fleet/kept-policies.ts';
import type { FleetDevice, Site } from './fleet/read.ts';
import type { FleetSettings } from './fleet/schema.ts';
import { RESOURCES_A_STACK } from './fleet/site-room.ts';

/**
 * As many policies a stack are created, changed or deleted at a time. AWS IoT takes 10 of these calls a second (local/src/pace/limits.ts),
 * and CloudFormation gives up a throttled one after some tries; two full sites at once are more than it waits for.
 */
const POLICY_LANES = 32;

export interface SiteStackProps {
  readonly site: Site;
  /** Of the fleet, see fleet-id.ts. */
  readonly fleetId: string;
  readonly settings: Pick<FleetSettings, 'name' | 'removal' | 'ingest' | 'kmsKey'>;
}

/** The devices of one fleet file, and the function that makes their certificates; or their list, and the function that keeps it. */
export class SiteStack extends FleetStack {
  /** @throws {FleetFileError} at the first device, or the first second generation of one, for which the stack has no room */
  constructor(scope: Construct, { site, fleetId, settings }: SiteStackProps) {
    super(scope, {
      stackName: site.names.siteStack(site.name),
      fleetId,
      description: `esp-fleet: the devices of the site ${site.name}`,
      // With a stack go its identities, and no board could connect any more.
      terminationProtection: settings.removal === 'retain',
    });
    if (site.list !== undefined) {
      const list = new DeviceList(this, 'List', { site, list: site.list, settings });
      const task = 'keeps the list of the devices';
      new FunctionErrorsAlarm(this, 'ListErrors', { site: site.name, function: list.function, task });
      return;
    }
    const kept = keptPolicies(site);
    if (Object.keys(kept).length > 0) this.templateOptions.metadata = { [KEPT_POLICIES]: kept };
    const certificates = new DeviceCertificateFunction(this, 'DeviceCertificates', {
      site,
      kmsKey: settings.kmsKey,
    });
    new FunctionErrorsAlarm(this, 'CertificateErrors', {
      site: site.name,
      function: certificates.function,
      task: 'makes the device certificates',
    });

    // Room for one second generation is kept, so that a full site can rotate, if only one device after the other.
    let room = RESOURCES_A_STACK - resourcesIn(this) - 1;
    const rotating = new Set<FleetDevice>();
    // The order of a fleet file is for its readers: to move a device within it changes nothing.
    const byName = site.devices.toSorted((one, other) => (one.name < other.name ? -1 : 1));
    const lastOfLane = new Map<number, Device>();
    for (const [placed, device] of byName.entries()) {
      const second = device.generations.length - 1;
      if (second > 0) rotating.add(device);
      const made = new Device(this, { site, device, certificates, settings });
      room -= resourcesIn(made) - second;
      // Of as many as have room, the next in the file.
      if (room < 0) throw noRoom(site, site.devices[placed] ?? device);
      const lane = laneOf(device.name);
      const before = lastOfLane.get(lane);
      if (before !== undefined) made.policy.node.addDependency(before.policy);
      lastOfLane.set(lane, made);
    }
    if (rotating.size > room + 1) throw noRoomToRotate(site, rotating, room + 1);
  }
}

/** By the name alone, so that a device that comes or goes changes what one other waits for, and no more. */
function laneOf(device: string): number {
  return createHash('sha256').update(device).digest().readUInt32BE() % POLICY_LANES;
}

function resourcesIn(construct: IConstruct): number {
  return construct.node.findAll().filter((child) => CfnResource.isCfnResource(child)).length;
}

const QUOTA = `one file is one CloudFormation stack of at most ${RESOURCES_A_STACK} resources`;

function noRoom({ file }: Site, { name, line }: FleetDevice): FleetFileError {
  return new FleetFileError(
    file,
    line,
    `no room for device "${name}": ${QUOTA}; move it and what follows to a second fleet file`,
  );
}

function noRoomToRotate({ file, devices }: Site, rotating: ReadonlySet<FleetDevice>, atOnce: number): FleetFileError {
  const inOrder = devices.filter((device) => rotating.has(device));
  const { name, line } = inOrder[atOnce] ?? { name: '', line: 1 };
  return new FleetFileError(
    file,
    line,
    `no room for a second generation of device "${name}": ${QUOTA}; with ${devices.length} devices, ${atOnce} can rotate ` +
      `at once; let the others wait until those have finished (bin/fleet rotate ${inOrder[0]?.name} --finish)`,
  );
}
