import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledgeWildcards } from '../acknowledge-wildcards.ts';
import { BundledFunction, NEW_ROLE_SECONDS } from '../bundled-function.ts';
import { standInName } from '../fleet/names.ts';
import type { Site } from '../fleet/read.ts';
import { allow, arnsOf } from '../permission.ts';

export interface DeviceCertificateFunctionProps {
  readonly site: Pick<Site, 'name' | 'names'>;
  /** Id or ARN of the key that encrypts identities. @default the one that AWS keeps for SSM in the account */
  readonly kmsKey?: string | undefined;
}

/**
 * The Lambda function behind the certificates of one site, with a role that allows what they take and no more.
 */
export class DeviceCertificateFunction extends BundledFunction {
  constructor(scope: Construct, id: string, { site, kmsKey }: DeviceCertificateFunctionProps) {
    super(scope, id, {
      folder: 'device-certificate',
      description: `Makes, revokes and deletes the device certificates of the site ${site.name}`,
      policyName: 'DeviceCertificates',
      statements: [...permissions(scope, site), ...(kmsKey === undefined ? [] : [useOfKey(scope, site, kmsKey)])],
      memorySize: 256,
      // The most that Lambda allows. A site makes all its certificates at once, at three writes to SSM a second, and waits for the
      // last one; and AWS IoT may take five minutes until it lets go of a policy.
      timeout: Duration.minutes(15),
      environment: { NEW_ROLE_SECONDS, ...(kmsKey !== undefined && { IDENTITY_KMS_KEY: kmsKey }) },
    });
    const { names } = site;
    acknowledgeWildcards(this.role, {
      '*': 'CreateCertificateFromCsr and ListAttachedPolicies know no resource.',
      'iot:cert/*': 'AWS gives a certificate its id when it is made; nobody knows it before.',
      [`iot:thing/${names.thing('*')}`]:
        'The things of the fleet; by name, a new device would change the role that all others share.',
      'iot:policy/*':
        'Only lists what a policy is attached to; by name, a new device would change the role that all others share.',
      [`iot:policy/${standInName(names.policy('*'))}`]:
        'Policies that allow nothing, one for each device that is being deleted: by them the function sees when AWS lets go of the real one.',
      [`ssm:parameter${names.sitePath(site.name)}/*`]:
        'The identities of this site, all of which this function makes and deletes.',
      [`cloudformation:stack/${Stack.of(this).stackName}/*`]:
        'The stack that has this function; what stands for * is the id that CloudFormation gives it.',
    });
  }
}

/**
 * SSM encrypts and decrypts in the name of whoever asks it, a parameter of the Standard tier by Encrypt (Systems Manager User
 * Guide, "AWS KMS encryption for AWS Systems Manager Parameter Store SecureString parameters"), and nobody else.
 */
function useOfKey(scope: Construct, { name, names }: Pick<Site, 'name' | 'names'>, key: string): PolicyStatement {
  const arn = arnsOf(scope);
  return new PolicyStatement({
    sid: 'EncryptIdentities',
    actions: ['kms:Decrypt', 'kms:Encrypt'],
    resources: [key.startsWith('arn:') ? key : arn('kms', 'key', key)],
    conditions: {
      StringEquals: { 'kms:ViaService': `ssm.${Stack.of(scope).region}.amazonaws.com` },
      StringLike: { 'kms:EncryptionContext:PARAMETER_ARN': arn('ssm', `parameter${names.sitePath(name)}`) },
    },
  });
}

function permissions(scope: Construct, { name: site, names }: Pick<Site, 'name' | 'names'>): PolicyStatement[] {
  const arn = arnsOf(scope);
  return [
    // They know no resource.
    allow('MakeCertificates', ['iot:CreateCertificateFromCsr', 'iot:ListAttachedPolicies'], '*'),
    // The id of a certificate is not known before it is made.
    allow(
      'ManageCertificates',
      [
        ...['iot:DescribeCertificate', 'iot:UpdateCertificate', 'iot:DeleteCertificate', 'iot:AttachPolicy'],
        ...['iot:DetachPolicy', 'iot:AttachThingPrincipal', 'iot:DetachThingPrincipal', 'iot:ListPrincipalThings'],
      ],
      arn('iot', 'cert'),
    ),
    // What boards have got by enrolment, and whether they may get more.
    allow(
      'ManageEnrolments',
      ['iot:DescribeThing', 'iot:ListThingPrincipals', 'iot:UpdateThing'],
      arn('iot', 'thing', names.thing('*')),
    ),
    allow(
      'KnowWhenPolicyIsDetached',
      ['iot:CreatePolicy', 'iot:DeletePolicy'],
      arn('iot', 'policy', standInName(names.policy('*'))),
    ),
    // Not by name: a new device would then change a resource that all others share.
    allow('SeePolicyDetached', ['iot:ListTargetsForPolicy'], arn('iot', 'policy')),
    allow(
      'KeepIdentities',
      ['ssm:GetParameter', 'ssm:GetParametersByPath', 'ssm:PutParameter', 'ssm:DeleteParameter'],
      arn('ssm', `parameter${names.sitePath(site)}`),
    ),
    // To tell whether CloudFormation still waits for a creation.
    allow(
      'KnowOwnStack',
      ['cloudformation:DescribeStackResource'],
      arn('cloudformation', `stack/${Stack.of(scope).stackName}`),
    ),
  ];
}
