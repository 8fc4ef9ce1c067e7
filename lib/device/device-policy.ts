import { Stack } from 'aws-cdk-lib';
import { CfnPolicy } from 'aws-cdk-lib/aws-iot';
import { Construct } from 'constructs';
import { commandTopicPrefix, policyName, telemetryTopicPrefix, thingName } from '../fleet/names.ts';

export interface DevicePolicyProps {
  readonly device: string;
}

/**
 * What a device may do: connect under its own name, publish its own telemetry, subscribe to and receive its own
 * commands. Retained messages are left out, since nobody may remove what another device left behind.
 *
 * Subscribe is checked once, at SUBSCRIBE; Receive is checked for every message, and so cuts off what an older policy
 * allowed.
 */
export class DevicePolicy extends Construct {
  readonly policyName: string;

  constructor(scope: Construct, id: string, { device }: DevicePolicyProps) {
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
          allow('Subscribe', 'topicfilter', `${commandTopicPrefix(device)}/*`),
          allow('Receive', 'topic', `${commandTopicPrefix(device)}/*`),
        ],
      },
    });
  }
}
