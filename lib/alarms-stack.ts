import type { Construct } from 'constructs';
import { SilenceAlarm } from './device/silence-alarm.ts';
import { SilenceStart } from './device/silence-start.ts';
import { FleetStack } from './fleet-stack.ts';
import type { FleetDevice, Site } from './fleet/read.ts';

/** The devices that are to be heard of: a revoked one is silent by intent. Without any, a site has no stack of alarms. */
export function heard({ devices }: Site): readonly FleetDevice[] {
  return devices.filter(({ revoked }) => !revoked);
}

export interface AlarmsStackProps {
  readonly site: Site;
  /** Of the fleet, see fleet-id.ts. */
  readonly fleetId: string;
  /** In seconds, whole hours. */
  readonly silentAfter: number;
}

/**
 * The alarms of the silent devices of a site. They are no part of the site's own stack, which is full of devices at its
 * most, so that a device need not move to another site for its alarm.
 */
export class AlarmsStack extends FleetStack {
  constructor(scope: Construct, { site, fleetId, silentAfter }: AlarmsStackProps) {
    super(scope, {
      stackName: site.names.alarmsStack(site.name),
      fleetId,
      description: `esp-fleet: the alarms of the silent devices of the site ${site.name}`,
    });
    const devices = heard(site);
    const start = new SilenceStart(this, 'SilenceStart', {
      names: site.names,
      devices: devices.map(({ name }) => name),
    });
    for (const { name } of devices) {
      // "constructor" is taken, as in device.ts.
      const alarm = new SilenceAlarm(this, name === 'constructor' ? 'Constructor' : name, {
        names: site.names,
        device: name,
        silentAfter,
      });
      alarm.node.addDependency(start.resource);
    }
  }
}
