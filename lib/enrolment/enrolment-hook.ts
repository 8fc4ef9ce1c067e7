import { Duration } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { acknowledgeWildcards } from '../acknowledge-wildcards.ts';
import { BundledFunction } from '../bundled-function.ts';
import type { FleetNames } from '../fleet/names.ts';
import { allow, arnsOf } from '../permission.ts';

export interface EnrolmentFunctionProps {
  readonly names: FleetNames;
  /** Of the devices that are lines of a list. */
  readonly deviceTable: ITable;
  /** Of the fleet, where it has a name. */
  readonly fleetName: string | undefined;
}

/** The function that decides whether a board gets a certificate, see lambda/enrolment. */
export class EnrolmentHook extends BundledFunction {
  constructor(scope: Construct, id: string, { names, deviceTable, fleetName }: EnrolmentFunctionProps) {
    const arn = arnsOf(scope);
    super(scope, id, {
      folder: 'enrolment',
      description: 'Decides whether a board gets a certificate for the key that it has made',
      policyName: 'Enrolment',
      statements: [
        allow('KnowAndNoteWhoIsListed', ['dynamodb:GetItem', 'dynamodb:UpdateItem'], deviceTable.tableArn),
        allow(
          'KnowAndNoteWhoIsAdmitted',
          ['iot:DescribeThing', 'iot:ListThingPrincipals', 'iot:UpdateThing'],
          arn('iot', 'thing', names.thing('*')),
        ),
        allow(
          'KnowWhetherItWorksAndEndWhatIsReplaced',
          ['iot:DescribeCertificate', 'iot:UpdateCertificate'],
          arn('iot', 'cert'),
        ),
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
