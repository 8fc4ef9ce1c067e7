import { Stack } from 'aws-cdk-lib';
import { CfnPolicy } from 'aws-cdk-lib/aws-iot';
import { Construct } from 'constructs';
import type { FleetNames } from '../fleet/names.ts';
import type { FleetSettings } from '../fleet/schema.ts';

export interface DevicePolicyProps {
  /** Of the fleet of the device. */
  readonly names: FleetNames;
  readonly device: string;
  /** With `basic`, the device may publish by basic ingest besides. @default broker */
  readonly ingest?: FleetSettings['ingest'];
}

/**
 * What a device may do: connect under its own name, publish its own telemetry, subscribe to and receive its own
 * commands. Retained messages are left out, since nobody may remove what another device left behind.
 *
 * With basic ingest the ordinary topic stays allowed: a board flashed before loses nothing.
 *
 * Subscribe is checked once, at SUBSCRIBE; Receive is checked for every message, and so cuts off what an older policy
 * allowed.
 */
export class DevicePolicy extends Construct {
  readonly policyName: string;

  constructor(scope: Construct, id: string, { names, device, ingest }: DevicePolicyProps) {
    super(scope, id);
    this.policyName = names.policy(device);
    const allow = (action: string, resource: string, resourceName: string) => ({
      Sid: action,
      Effect: 'Allow',
      Action: `iot:${action}`,
      Resource: Stack.of(this).formatArn({ service: 'iot', resource, resourceName }),
    });
    new CfnPolicy(this, 'Resource', {
      policyName: this.policyName,
      policyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            ...allow('Connect', 'client', names.thing(device)),
            Condition: { Bool: { 'iot:Connection.Thing.IsAttached': 'true' } },
          },
          allow('Publish', 'topic', `${names.telemetryTopic(device)}/*`),
          ...(ingest === 'basic'
            ? [{ ...allow('Publish', 'topic', `${names.basicIngestTopic(device)}/*`), Sid: 'BasicIngest' }]
            : []),
          allow('Subscribe', 'topicfilter', `${names.commandTopic(device)}/*`),
          allow('Receive', 'topic', `${names.commandTopic(device)}/*`),
        ],
      },
    });
  }
}
