import { CustomResource, Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledgeWildcards } from '../acknowledge-wildcards.ts';
import { BundledFunction, NEW_ROLE_SECONDS } from '../bundled-function.ts';
import type { FleetNames } from '../fleet/names.ts';
import { allow } from '../permission.ts';

export interface SilenceStartProps {
  /** Of the fleet of the devices. */
  readonly names: FleetNames;
  /** Whose silence rings. */
  readonly devices: readonly string[];
}

/**
 * Puts a first value into the metric of each new device, which counts as no message: without one, the alarm of a device
 * would ring at once, since CloudWatch takes what is missing for silence, however young the alarm is.
 */
export class SilenceStart extends Construct {
  /** What the alarms have to depend on. */
  readonly resource: CustomResource;

  constructor(scope: Construct, id: string, { names, devices }: SilenceStartProps) {
    super(scope, id);
    const namespace = names.seenMetricNamespace;
    const lambda = new StartFunction(this, 'Function', namespace);
    this.resource = new CustomResource(this, 'Resource', {
      resourceType: 'Custom::SilenceStart',
      serviceToken: lambda.function.functionArn,
      serviceTimeout: lambda.serviceTimeout,
      properties: { namespace, devices: [...devices].sort() },
    });
  }
}

class StartFunction extends BundledFunction {
  constructor(scope: Construct, id: string, namespace: string) {
    super(scope, id, {
      folder: 'silence-start',
      description: 'Puts the first value into the metric of a new device, so that its alarm does not ring at once',
      policyName: 'SilenceStart',
      statements: [
        new PolicyStatement({
          sid: 'Start',
          actions: ['cloudwatch:PutMetricData'],
          resources: ['*'],
          conditions: { StringEquals: { 'cloudwatch:namespace': namespace } },
        }),
        allow('See', ['cloudwatch:GetMetricStatistics'], '*'),
      ],
      memorySize: 128,
      // CloudWatch shows a new metric within two minutes (User Guide, "Publish custom metrics"), and a new role needs two, too.
      timeout: Duration.minutes(6),
      environment: { NEW_ROLE_SECONDS },
    });
    acknowledgeWildcards(this.role, {
      '*':
        'Neither action knows a resource. A condition limits PutMetricData to the namespace of the fleet; there is none for ' +
        'GetMetricStatistics, which reads numbers alone.',
    });
  }
}
