import { DefaultStackSynthesizer, Duration, Stack } from 'aws-cdk-lib';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import { acknowledgeWildcards } from '../acknowledge-wildcards.ts';
import { BundledFunction, NEW_ROLE_SECONDS } from '../bundled-function.ts';
import { standInName } from '../fleet/names.ts';
import type { Site } from '../fleet/read.ts';
import { allow, arnsOf } from '../permission.ts';

export interface DeviceListFunctionProps {
  readonly site: Pick<Site, 'name' | 'names'>;
  /** The list. */
  readonly asset: Asset;
  /** Of the fleet, where it has a name. */
  readonly fleetName: string | undefined;
}

/** The Lambda function behind the list of a site, with a role that allows what it takes and no more. */
export class DeviceListFunction extends BundledFunction {
  constructor(scope: Construct, id: string, { site, asset, fleetName }: DeviceListFunctionProps) {
    const { names } = site;
    const { stackName } = Stack.of(scope);
    const arn = arnsOf(scope);
    super(scope, id, {
      folder: 'device-list',
      description: `Keeps the list of the devices of the site ${site.name}`,
      policyName: 'DeviceList',
      statements: [
        // Not by name: that is another one with each change of the list, and IAM would need a while to know of it.
        allow('ReadList', ['s3:GetObject'], asset.bucket.arnForObjects('*.csv')),
        allow(
          'KeepLines',
          ['dynamodb:Scan', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
          arn('dynamodb', 'table', names.deviceTable),
        ),
        allow('RemoveThings', ['iot:ListThingPrincipals', 'iot:DeleteThing'], arn('iot', 'thing', names.thing('*'))),
        allow(
          'RemoveCertificates',
          [
            ...['iot:DescribeCertificate', 'iot:ListPrincipalThings', 'iot:UpdateCertificate', 'iot:DeleteCertificate'],
            ...['iot:AttachPolicy', 'iot:DetachPolicy', 'iot:DetachThingPrincipal'],
          ],
          arn('iot', 'cert'),
        ),
        allow(
          'KnowWhenPolicyIsDetached',
          ['iot:CreatePolicy', 'iot:DeletePolicy'],
          arn('iot', 'policy', standInName(names.listPolicy(site.name))),
        ),
        allow('SeePolicyDetached', ['iot:ListTargetsForPolicy'], arn('iot', 'policy', names.listPolicy(site.name))),
        // To tell whether CloudFormation still waits for what it has asked for.
        allow('KnowOwnStack', ['cloudformation:DescribeStackResource'], arn('cloudformation', `stack/${stackName}`)),
      ],
      // For the processor that comes with it: ten thousand lines are as many writes.
      memorySize: 1024,
      timeout: Duration.minutes(15), // the most that Lambda allows: lambda/device-list/changes.ts says what can be done in it
      environment: { NEW_ROLE_SECONDS, ...(fleetName !== undefined && { FLEET_NAME: fleetName }) },
    });
    acknowledgeWildcards(this.role, {
      [`arn:<AWS::Partition>:s3:::cdk-${DefaultStackSynthesizer.DEFAULT_QUALIFIER}-assets-<AWS::AccountId>-<AWS::Region>/*.csv`]:
        'The lists that were deployed, also the one before, to which a rollback goes back.',
      [`iot:thing/${names.thing('*')}`]: 'The things of the fleet; by name, a new device would change the role.',
      'iot:cert/*': 'AWS gives a certificate its id when a board enrols; nobody knows it before.',
      [`cloudformation:stack/${stackName}/*`]:
        'The stack that has this function; what stands for * is the id that CloudFormation gives it.',
    });
  }
}
