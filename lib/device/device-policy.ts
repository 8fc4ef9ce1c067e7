import { Stack } from 'aws-cdk-lib';
import { CfnPolicy } from 'aws-cdk-lib/aws-iot';
import { Construct } from 'constructs';
import {
  basicIngestTopicPrefix,
  commandTopicPrefix,
  policyName,
  telemetryTopicPrefix,
  thingName,
} from '../fleet/names.ts';
import type { FleetSettings } from '../fleet/schema.ts';

export interface DevicePolicyProps {
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

  constructor(scope: Construct, id: string, { device, ingest }: DevicePolicyProps) {
    super(scope, id);
    this.policyName = policyName(device);
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
            ...allow('Connect', 'client', thingName(device)),
            Condition: { Bool: { 'iot:Connection.Thing.IsAttached': 'true' } },
          },
          allow('Publish', 'topic', `${telemetryTopicPrefix(device)}/*`),
          ...(ingest === 'basic'
            ? [{ ...allow('Publish', 'topic', `${basicIngestTopicPrefix(device)}/*`), Sid: 'BasicIngest' }]
            : []),
          allow('Subscribe', 'topicfilter', `${commandTopicPrefix(device)}/*`),
          allow('Receive', 'topic', `${commandTopicPrefix(device)}/*`),
        ],
      },
    });
  }
}
