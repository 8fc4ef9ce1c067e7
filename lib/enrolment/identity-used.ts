import { Aws, Duration, Validations } from 'aws-cdk-lib';
import { CfnTopicRule } from 'aws-cdk-lib/aws-iot';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { acknowledgeWildcards } from '../acknowledge-wildcards.ts';
import { BundledFunction } from '../bundled-function.ts';
import { allow, arnsOf } from '../permission.ts';
import type { EnrolmentFunctionProps } from './enrolment-hook.ts';

/** Deletes the certificates that a board had before, once it says that it uses the new one: see lambda/identity-used. */
export class IdentityUsed extends BundledFunction {
  constructor(scope: Construct, id: string, { names, deviceTable, fleetName }: EnrolmentFunctionProps) {
    const arn = arnsOf(scope);
    super(scope, id, {
      folder: 'identity-used',
      description: 'Deletes the certificates that a board had before the one that it uses',
      policyName: 'IdentityUsed',
      statements: [
        allow(
          'KnowAndConfirmWhoIsAdmitted',
          ['iot:DescribeThing', 'iot:ListThingPrincipals', 'iot:UpdateThing'],
          arn('iot', 'thing', names.thing('*')),
        ),
        allow(
          'DeleteCertificates',
          [
            ...['iot:DescribeCertificate', 'iot:ListPrincipalThings', 'iot:UpdateCertificate'],
            ...['iot:DeleteCertificate', 'iot:DetachPolicy', 'iot:DetachThingPrincipal'],
          ],
          arn('iot', 'cert'),
        ),
        allow('KnowAndConfirmWhoIsListed', ['dynamodb:GetItem', 'dynamodb:UpdateItem'], deviceTable.tableArn),
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
      sourceArn: arn('iot', 'rule', names.usedRule),
    });
  }
}
