import { Aws, Duration, Stack, Validations } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnTopicRule } from 'aws-cdk-lib/aws-iot';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { acknowledgeWildcards } from '../acknowledge-wildcards.ts';
import { BundledFunction } from '../bundled-function.ts';
import type { FleetNames } from '../fleet/names.ts';

export interface IdentityUsedProps {
  readonly names: FleetNames;
  /** Of the devices that are lines of a list. */
  readonly deviceTable: ITable;
  /** Of the fleet, where it has a name. */
  readonly fleetName: string | undefined;
}

/** Deletes the certificates that a board had before, once it says that it uses the new one: see lambda/identity-used. */
export class IdentityUsed extends BundledFunction {
  constructor(scope: Construct, id: string, { names, deviceTable, fleetName }: IdentityUsedProps) {
    const arn = (resource: string, resourceName: string) =>
      Stack.of(scope).formatArn({ service: 'iot', resource, resourceName });
    const allow = (sid: string, actions: readonly string[], resource: string) =>
      new PolicyStatement({ sid, actions: actions.map((action) => `iot:${action}`), resources: [resource] });
    super(scope, id, {
      folder: 'identity-used',
      description: 'Deletes the certificates that a board had before the one that it uses',
      policyName: 'IdentityUsed',
      statements: [
        allow('KnowWhatWasAdmitted', ['DescribeThing', 'ListThingPrincipals'], arn('thing', names.thing('*'))),
        allow(
          'DeleteCertificates',
          [
            ...['DescribeCertificate', 'ListPrincipalThings', 'UpdateCertificate', 'DeleteCertificate'],
            ...['DetachPolicy', 'DetachThingPrincipal'],
          ],
          arn('cert', '*'),
        ),
        new PolicyStatement({
          sid: 'KnowWhatWasAdmittedOfAList',
          actions: ['dynamodb:GetItem'],
          resources: [deviceTable.tableArn],
        }),
      ],
      memorySize: 256,
      timeout: Duration.minutes(1), // AWS IoT shows within seconds that a certificate is detached
      ...(fleetName !== undefined && { environment: { FLEET_NAME: fleetName } }),
    });
    acknowledgeWildcards(this.role, {
      [`iot:thing/${names.thing('*')}`]:
        'The things of the fleet: of which of them a board is, the topic of its message says.',
      'iot:cert/*': 'AWS gives a certificate its id when a board asks; nobody knows it before.',
    });
    const rule = new CfnTopicRule(this, 'Rule', {
      ruleName: names.usedRule,
      topicRulePayload: {
        description: 'Ends a rotation once a board uses its new identity',
        // Nothing of the payload: what a board is, its topic and its connection say.
        sql: `SELECT topic(2) AS device, principal() AS certificate FROM '${names.usedTopic}'`,
        awsIotSqlVersion: '2016-03-23',
        actions: [{ lambda: { functionArn: this.function.functionArn } }],
      },
    });
    Validations.of(rule).acknowledge({
      id: 'esp-fleet::topic-rule-error-action',
      reason: 'When the message is lost, the identity before works on, and "fleet doctor" names it.',
    });
    new CfnPermission(this, 'Invoke', {
      action: 'lambda:InvokeFunction',
      functionName: this.function.functionArn,
      principal: 'iot.amazonaws.com',
      sourceAccount: Aws.ACCOUNT_ID,
      sourceArn: arn('rule', names.usedRule),
    });
  }
}
