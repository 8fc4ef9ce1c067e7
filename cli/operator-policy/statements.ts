import type { FleetNames } from '../../lib/fleet/names.ts';

/** A statement of the operator's policy. */
export interface Statement {
  readonly Sid: string;
  /** What one cannot do without it, for people. */
  readonly purpose: string;
  readonly Action: readonly string[];
  /** As narrow as IAM lets it be (Service Authorization Reference). Names of devices and ids of certificates are not known before. */
  readonly Resource: readonly string[];
}

const arn = (service: string, resource: string) => `arn:aws:${service}:*:*:${resource}`;
const CERTIFICATES = arn('iot', 'cert/*');

/** What an operator of a fleet needs, in the order of how much harm it could do. */
export function statementsFor(names: FleetNames): readonly Statement[] {
  const things = arn('iot', `thing/${names.thing('*')}`);
  const policies = arn('iot', `policy/${names.policy('*')}`);
  const clients = arn('iot', `client/${names.thing('*')}`);
  const table = arn('dynamodb', `table/${names.telemetryStack}-*`);
  const lists = arn('dynamodb', `table/${names.deviceTable}`);
  const queue = arn('sqs', `${names.telemetryStack}-*`);
  const identities = arn('ssm', `parameter${names.identityRoot}/*`);
  return [
    {
      Sid: 'SeeWhatThereIs',
      purpose: 'find stacks, certificates, tables and rules, and the account’s endpoint',
      Action: [
        'cloudformation:ListStacks',
        'dynamodb:ListTables',
        'iot:DescribeEndpoint',
        'iot:GetV2LoggingOptions',
        'iot:ListAttachedPolicies',
        'iot:ListCertificates',
        'iot:ListPolicies',
        'iot:ListThings',
        'iot:ListTopicRules',
      ],
      Resource: ['*'], // IAM knows no resource for these
    },
    {
      Sid: 'SeeStacks',
      purpose: 'see what is deployed',
      Action: [
        'cloudformation:DescribeStackEvents',
        'cloudformation:DescribeStacks',
        'cloudformation:GetTemplate',
        'cloudformation:ListStackResources',
      ],
      Resource: [
        arn('cloudformation', `stack/${names.telemetryStack}/*`),
        arn('cloudformation', `stack/${names.siteStack('*')}/*`),
      ],
    },
    {
      Sid: 'SeeDevices',
      purpose: 'see the certificates and policies of devices',
      Action: [
        'iot:DescribeCertificate',
        'iot:GetEffectivePolicies',
        'iot:GetPolicy',
        'iot:ListPrincipalThings',
        'iot:ListTargetsForPolicy',
        'iot:ListThingPrincipals',
      ],
      Resource: [CERTIFICATES, arn('iot', 'policy/*'), things], // a device may have somebody else's policy
    },
    {
      Sid: 'SeeConnections',
      purpose: 'see who is connected',
      Action: ['iot:GetConnection', 'iot:ListSubscriptions'],
      Resource: [clients],
    },
    {
      Sid: 'SeeRows',
      purpose: 'read what devices sent, and by which certificate each connected last',
      Action: ['dynamodb:GetItem', 'dynamodb:Query'],
      Resource: [table, lists], // the former too of a device in a list
    },
    {
      Sid: 'SeeLists',
      purpose: 'see the devices of lists',
      Action: ['dynamodb:Scan'],
      Resource: [lists],
    },
    {
      Sid: 'SeeDeadLetters',
      purpose: 'read what the table did not take',
      Action: ['sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
      Resource: [queue],
    },
    {
      Sid: 'SeeAlarms',
      purpose: 'see alarms on the page',
      Action: ['cloudwatch:DescribeAlarms'],
      Resource: [arn('cloudwatch', 'alarm:*')],
    },
    {
      Sid: 'SeeDenials',
      purpose: 'see on the page what AWS IoT’s log says was denied',
      Action: ['logs:FilterLogEvents'],
      Resource: [arn('logs', 'log-group:AWSIotLogsV2:*')],
    },
    {
      Sid: 'Redrive',
      purpose: 'make rows of dead letters',
      Action: ['dynamodb:PutItem', 'sqs:DeleteMessage'],
      Resource: [table, queue],
    },
    {
      Sid: 'SendCommands',
      purpose: 'send devices commands',
      Action: ['iot:Publish'],
      Resource: [arn('iot', `topic/${names.commandTopic('*')}`)],
    },
    {
      Sid: 'Enrol',
      purpose: 'let boards that make their keys have certificates, or none when their devices are revoked',
      Action: ['dynamodb:UpdateItem', 'iot:DescribeThing', 'iot:UpdateThing'],
      Resource: [things, lists],
    },
    {
      Sid: 'ReadIdentities',
      purpose: 'write secrets.h: these are private keys, and whoever has one can be the device',
      Action: ['ssm:GetParameter', 'ssm:GetParametersByPath'],
      Resource: [arn('ssm', `parameter${names.identityRoot}`), identities],
    },
    {
      Sid: 'Revoke',
      purpose: 'cut a device off, for good',
      Action: ['iot:DeleteConnection', 'iot:UpdateCertificate'],
      Resource: [CERTIFICATES, clients],
    },
    {
      Sid: 'Repair',
      purpose: 'let doctor --fix mend devices and delete what is left over',
      Action: [
        'iot:AttachPolicy',
        'iot:AttachThingPrincipal',
        'iot:CreatePolicyVersion',
        'iot:CreateThing',
        'iot:DeleteCertificate',
        'iot:DeletePolicy',
        'iot:DeletePolicyVersion',
        'iot:DeleteThing',
        'iot:DetachPolicy',
        'iot:DetachThingPrincipal',
        'iot:ListPolicyVersions',
        'ssm:DeleteParameter',
      ],
      Resource: [CERTIFICATES, policies, things, identities],
    },
  ];
}

/** The policy as IAM takes it. @param kmsKey the setting of that name */
export function operatorPolicy(names: FleetNames, kmsKey?: string): object {
  return {
    Version: '2012-10-17',
    Statement: [
      ...statementsFor(names).map(({ Sid, Action, Resource }) => ({ Sid, Effect: 'Allow', Action, Resource })),
      ...(kmsKey === undefined ? [] : [decryption(names, kmsKey)]),
    ],
  };
}

/** SSM decrypts in the name of whoever asks it for a private key. */
function decryption(names: FleetNames, kmsKey: string): object {
  return {
    Sid: 'DecryptIdentities',
    Effect: 'Allow',
    Action: ['kms:Decrypt'],
    Resource: [kmsKey.startsWith('arn:') ? kmsKey : arn('kms', `key/${kmsKey}`)],
    Condition: {
      StringLike: {
        'kms:ViaService': 'ssm.*.amazonaws.com',
        'kms:EncryptionContext:PARAMETER_ARN': arn('ssm', `parameter${names.identityRoot}/*`),
      },
    },
  };
}
