import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { SilenceAlarm } from './device/silence-alarm.ts';
import { alarmsStackName } from './fleet/names.ts';
import type { Site } from './fleet/read.ts';

export interface AlarmsStackProps {
  readonly site: Site;
  /** In seconds, whole hours. */
  readonly silentAfter: number;
}

/**
 * The alarms of the silent devices of a site. They are no part of the site's own stack, which is full of devices at its
 * most, so that a device need not move to another site for its alarm. When all are revoked it is empty, and the CDK CLI
 * deletes it.
 */
export class AlarmsStack extends Stack {
  constructor(scope: Construct, { site, silentAfter }: AlarmsStackProps) {
    super(scope, alarmsStackName(site.name), {
      description: `esp-fleet: the alarms of the silent devices of the site ${site.name}`,
    });
    for (const { name, revoked } of site.devices) {
      // A revoked one is silent by intent. "constructor" is taken, as in device.ts.
      if (!revoked)
        new SilenceAlarm(this, name === 'constructor' ? 'Constructor' : name, { device: name, silentAfter });
    }
  }
}
