import { Duration, Stack } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledgeWildcards } from '../acknowledge-wildcards.ts';
import { BundledFunction } from '../bundled-function.ts';
import type { FleetNames } from '../fleet/names.ts';

export interface EnrolmentHookProps {
  readonly names: FleetNames;
  /** Of the devices that are lines of a list. */
  readonly deviceTable: ITable;
  /** Of the fleet, where it has a name. */
  readonly fleetName: string | undefined;
}

/** The function that decides whether a board gets a certificate, see lambda/enrolment. */
export class EnrolmentHook extends BundledFunction {
  constructor(scope: Construct, id: string, { names, deviceTable, fleetName }: EnrolmentHookProps) {
    const arn = (resource: string, resourceName: string) =>
      Stack.of(scope).formatArn({ service: 'iot', resource, resourceName });
    super(scope, id, {
      folder: 'enrolment',
      description: 'Decides whether a board gets a certificate for the key that it has made',
      policyName: 'Enrolment',
      statements: [
        new PolicyStatement({
          sid: 'KnowAndNoteWhoIsListed',
          actions: ['dynamodb:GetItem', 'dynamodb:UpdateItem'],
          resources: [deviceTable.tableArn],
        }),
        new PolicyStatement({
          sid: 'KnowAndNoteWhoIsAdmitted',
          actions: ['iot:DescribeThing', 'iot:ListThingPrincipals', 'iot:UpdateThing'],
          resources: [arn('thing', names.thing('*'))],
        }),
        new PolicyStatement({
          sid: 'KnowWhetherItWorks',
          actions: ['iot:DescribeCertificate'],
          resources: [arn('cert', '*')],
        }),
      ],
      // For the processor that comes with it: AWS IoT waits 5 s for an answer, a cold start included ("Pre-provisioning hooks").
      memorySize: 512,
      timeout: Duration.seconds(5),
      ...(fleetName !== undefined && { environment: { FLEET_NAME: fleetName } }),
    });
    acknowledgeWildcards(this.role, {
      [`iot:thing/${names.thing('*')}`]: 'The things of the fleet: which of them is asked for, a board says.',
      'iot:cert/*': 'AWS gives a certificate its id when a board asks; nobody knows it before.',
    });
  }
}
