import { Fn } from 'aws-cdk-lib';
import { CfnPolicy } from 'aws-cdk-lib/aws-iot';
import { Construct } from 'constructs';
import type { FleetNames } from '../fleet/names.ts';
import type { FleetSettings } from '../fleet/schema.ts';

export interface DevicePolicyProps {
  /** Of the fleet of the device. */
  readonly names: FleetNames;
  /** Its name in topics; of the devices of a list, what AWS IoT puts there. */
  readonly device: string;
  /** Its client id, which is the name of its thing, and the name of the policy. @default those of a device with this name */
  readonly holder?: { readonly thingName: string; readonly policyName: string };
  /** With `basic`, the device may publish by basic ingest besides. @default broker */
  readonly ingest?: FleetSettings['ingest'];
  /** Whether the device may enrol, so that its board can change its key by itself. @default false */
  readonly enrols?: boolean;
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

  constructor(
    scope: Construct,
    id: string,
    { names, device, holder = names.holder(device), ingest, enrols = false }: DevicePolicyProps,
  ) {
    super(scope, id);
    this.policyName = holder.policyName;
    const basic = ingest === 'basic' ? [`${names.basicIngestTopic(device)}/*`] : [];
    // In the same statements as the rest: a policy has 2,048 characters at most.
    const requests = enrols ? names.enrolmentTopics : [];
    const answers = requests.map((topic) => `${topic}/*`);
    new CfnPolicy(this, 'Resource', {
      policyName: this.policyName,
      policyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            ...allow('Connect', 'client', holder.thingName),
            Condition: { Bool: { 'iot:Connection.Thing.IsAttached': 'true' } },
          },
          allow('Publish', 'topic', `${names.telemetryTopic(device)}/*`, ...basic, ...requests),
          allow('Subscribe', 'topicfilter', `${names.commandTopic(device)}/*`, ...answers),
          allow('Receive', 'topic', `${names.commandTopic(device)}/*`, ...answers),
        ],
      },
    });
  }
}

/**
 * A statement of an AWS IoT policy, called as its action. Each ARN is one line of a template, where `formatArn` takes ten. What
 * CloudFormation would take for a reference is a variable of AWS IoT, and `${!` leaves it so.
 */
export function allow(action: string, resource: string, ...resourceNames: readonly string[]): object {
  const arns = resourceNames.map((name) =>
    Fn.sub(`arn:\${AWS::Partition}:iot:\${AWS::Region}:\${AWS::AccountId}:${resource}/${name.replaceAll('${', '${!')}`),
  );
  return { Sid: action, Effect: 'Allow', Action: `iot:${action}`, Resource: arns.length === 1 ? arns[0] : arns };
}
