import { Aws, Duration } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnProvisioningTemplate } from 'aws-cdk-lib/aws-iot';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { DeviceTable } from './enrolment/device-table.ts';
import { Claim } from './enrolment/claim.ts';
import { EnrolmentHook } from './enrolment/enrolment-hook.ts';
import { IdentityUsed } from './enrolment/identity-used.ts';
import { ProvisioningRole } from './enrolment/provisioning-role.ts';
import { FleetStack } from './fleet-stack.ts';
import { DEVICE_ATTRIBUTE, FleetNames } from './fleet/names.ts';
import type { FleetSettings } from './fleet/schema.ts';
import { arnsOf } from './permission.ts';
import { ProblemAlarm } from './problem-alarm.ts';

export interface EnrolmentStackProps {
  /** Of the fleet, see fleet-id.ts. */
  readonly fleetId: string;
  readonly settings: Pick<FleetSettings, 'name' | 'prefix' | 'removal' | 'kmsKey'>;
}

/**
 * What attaches the certificate of a board to its thing and policy. Its site has made both; of the line of a list the policy alone,
 * and the thing is made here. It names no device: the hook says which, see lambda/enrolment. What a board gives is declared as well, since AWS does not say what becomes of the rest; and
 * each has a default, since it does not say whether that is asked for before the hook or after it.
 */
const TEMPLATE = {
  Parameters: Object.fromEntries(
    ['device', 'code', 'thing', 'policy'].map((name) => [name, { Type: 'String', Default: '' }]),
  ),
  Resources: {
    thing: {
      Type: 'AWS::IoT::Thing',
      // Only for a device that is the line of a list: the thing of another one is there already.
      Properties: { ThingName: { Ref: 'thing' }, AttributePayload: { [DEVICE_ATTRIBUTE]: { Ref: 'device' } } },
      OverrideSettings: { AttributePayload: 'DO_NOTHING', ThingTypeName: 'DO_NOTHING', ThingGroups: 'DO_NOTHING' },
    },
    certificate: {
      Type: 'AWS::IoT::Certificate',
      Properties: {
        CertificateId: { Ref: 'AWS::IoT::Certificate::Id' },
        Status: 'ACTIVE',
        // As in the example of the Developer Guide, "Using pre-provisioning hooks with the AWS CLI".
        ThingPrincipalType: 'EXCLUSIVE_THING',
      },
    },
    policy: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: { Ref: 'policy' } } },
  },
};

/** By which boards get certificates for keys that they made themselves: the claim, the template of AWS IoT, and its hook. */
export class EnrolmentStack extends FleetStack {
  constructor(scope: Construct, { fleetId, settings }: EnrolmentStackProps) {
    const names = new FleetNames(settings);
    super(scope, {
      stackName: names.enrolmentStack,
      fleetId,
      description: 'esp-fleet: certificates for boards that make their keys themselves',
      // With it goes the claim, and firmware that has it can enrol no board any more.
      terminationProtection: settings.removal === 'retain',
    });
    new Claim(this, 'Claim', { names, kmsKey: settings.kmsKey });
    const { table: deviceTable } = new DeviceTable(this, 'Devices', { names, removal: settings.removal });
    const hook = new EnrolmentHook(this, 'Hook', { names, deviceTable, fleetName: settings.name });
    const templateName = names.enrolmentTemplate;
    const permission = new CfnPermission(this, 'AskHook', {
      action: 'lambda:InvokeFunction',
      functionName: hook.function.functionArn,
      principal: 'iot.amazonaws.com',
      sourceAccount: Aws.ACCOUNT_ID,
      sourceArn: arnsOf(this)('iot', 'provisioningtemplate', templateName),
    });
    const template = new CfnProvisioningTemplate(this, 'Template', {
      templateName,
      description: 'Attaches the certificate of a board to its thing and policy',
      enabled: true,
      provisioningRoleArn: new ProvisioningRole(this, 'ProvisioningRole', { names }).roleArn,
      templateBody: JSON.stringify(TEMPLATE),
      preProvisioningHook: { targetArn: hook.function.functionArn, payloadVersion: '2020-04-01' },
    });
    template.node.addDependency(permission);
    const used = new IdentityUsed(this, 'IdentityUsed', { names, deviceTable, fleetName: settings.name });
    const errors = { statistic: Stats.SUM, period: Duration.minutes(5) };
    new ProblemAlarm(this, 'HookErrors', {
      metric: hook.function.metricErrors(errors),
      description:
        'The function that decides whether a board gets a certificate failed or ran out of time, so that boards were refused ' +
        'that may be right. They ask again by themselves. What to do: its log group says why; ' +
        `npx cdk drift ${names.enrolmentStack} shows what was changed by hand, npx cdk deploy ${names.enrolmentStack} puts it back.`,
    });
    new ProblemAlarm(this, 'IdentityUsedErrors', {
      metric: used.function.metricErrors(errors),
      description:
        'The function that deletes the identities that boards use no more failed or ran out of time, so that an older one may ' +
        'still work. Lambda runs it twice more by itself. What to do: bin/fleet doctor names what is left; its log group says why.',
    });
  }
}
