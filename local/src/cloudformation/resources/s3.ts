import type { LifecycleRule, PublicAccessBlockConfiguration, ServerSideEncryptionRule } from '@aws-sdk/client-s3';
import { NotImplementedError } from '../../errors.ts';
import { type Invoke, jsonText, provider, unlessGone } from './provider.ts';
import type { Tag } from './tag-changes.ts';

interface BucketProperties {
  readonly BucketName?: string;
  readonly AccessControl?: string;
  readonly BucketEncryption?: { readonly ServerSideEncryptionConfiguration: readonly EncryptionRule[] };
  readonly LifecycleConfiguration?: { readonly Rules: readonly Readonly<Record<string, unknown>>[] };
  readonly PublicAccessBlockConfiguration?: PublicAccessBlockConfiguration;
  readonly VersioningConfiguration?: { readonly Status: 'Enabled' | 'Suspended' };
  readonly Tags?: Tag[];
}

interface EncryptionRule {
  readonly ServerSideEncryptionByDefault?: ServerSideEncryptionRule['ApplyServerSideEncryptionByDefault'];
  readonly BucketKeyEnabled?: boolean;
}

/** A bucket. What a template takes away again is refused: S3 serves no call here that would take it away. */
export const bucket = provider<BucketProperties>({
  properties: [
    ...(['BucketName', 'AccessControl', 'BucketEncryption', 'LifecycleConfiguration'] as const),
    ...(['PublicAccessBlockConfiguration', 'VersioningConfiguration', 'Tags'] as const),
  ],
  async create({ properties, invoke, name, created, region }) {
    const Bucket = properties.BucketName ?? name({ max: 63, lowerCase: true });
    checkAccess(properties);
    await invoke('s3', 'CreateBucket', { Bucket });
    const attributes = created({
      BucketName: Bucket,
      Arn: `arn:aws:s3:::${Bucket}`,
      DomainName: `${Bucket}.s3.amazonaws.com`,
      RegionalDomainName: `${Bucket}.s3.${region}.amazonaws.com`,
      DualStackDomainName: `${Bucket}.s3.dualstack.${region}.amazonaws.com`,
    });
    await putSettings(invoke, Bucket, properties);
    return attributes;
  },
  async update({ properties, old, invoke, attributes }) {
    checkAccess(properties);
    for (const name of Object.keys(old))
      if (!(name in properties)) throw new NotImplementedError(`taking ${name} away from an AWS::S3::Bucket`);
    await putSettings(invoke, attributes.BucketName ?? '', properties);
  },
  async delete({ invoke, attributes }) {
    await unlessGone(invoke('s3', 'DeleteBucket', { Bucket: attributes.BucketName }), 'NoSuchBucket');
  },
});

// Private is what S3 does without being asked; lists of other access are no longer on by default.
function checkAccess({ AccessControl }: BucketProperties): void {
  if (AccessControl !== undefined && AccessControl !== 'Private')
    throw new NotImplementedError(`AccessControl ${AccessControl} of AWS::S3::Bucket`);
}

async function putSettings(invoke: Invoke, Bucket: string, properties: BucketProperties): Promise<void> {
  const { BucketEncryption, LifecycleConfiguration, PublicAccessBlockConfiguration, VersioningConfiguration, Tags } =
    properties;
  if (BucketEncryption) {
    const Rules = BucketEncryption.ServerSideEncryptionConfiguration.map(
      ({ ServerSideEncryptionByDefault, ...rule }): ServerSideEncryptionRule => ({
        ...rule,
        ApplyServerSideEncryptionByDefault: ServerSideEncryptionByDefault,
      }),
    );
    await invoke('s3', 'PutBucketEncryption', { Bucket, ServerSideEncryptionConfiguration: { Rules } });
  }
  if (PublicAccessBlockConfiguration)
    await invoke('s3', 'PutPublicAccessBlock', { Bucket, PublicAccessBlockConfiguration });
  if (VersioningConfiguration) await invoke('s3', 'PutBucketVersioning', { Bucket, VersioningConfiguration });
  if (LifecycleConfiguration)
    await invoke('s3', 'PutBucketLifecycleConfiguration', {
      Bucket,
      LifecycleConfiguration: { Rules: LifecycleConfiguration.Rules.map(lifecycleRule) },
    });
  if (Tags) await invoke('s3', 'PutBucketTagging', { Bucket, Tagging: { TagSet: Tags } });
}

/** Members of a rule that CloudFormation and S3 write alike. */
const SAME = ['Status', 'AbortIncompleteMultipartUpload', 'NoncurrentVersionExpiration'];

function lifecycleRule({
  Id,
  Prefix = '',
  ExpirationInDays,
  ...others
}: Readonly<Record<string, unknown>>): LifecycleRule {
  const other = Object.keys(others).find((name) => !SAME.includes(name));
  if (other !== undefined)
    throw new NotImplementedError(`property LifecycleConfiguration.Rules.${other} of AWS::S3::Bucket`);
  return {
    ...others,
    ...(Id !== undefined && { ID: Id as string }),
    Filter: { Prefix: Prefix as string },
    ...(ExpirationInDays !== undefined && { Expiration: { Days: ExpirationInDays as number } }),
  } as LifecycleRule;
}

interface BucketPolicyProperties {
  readonly Bucket: string;
  readonly PolicyDocument: object | string;
}

export const bucketPolicy = provider<BucketPolicyProperties>({
  properties: ['Bucket', 'PolicyDocument'],
  async create({ properties: { Bucket, PolicyDocument }, invoke, created }) {
    await invoke('s3', 'PutBucketPolicy', { Bucket, Policy: jsonText(PolicyDocument) });
    return created({ Bucket });
  },
  async update({ properties: { Bucket, PolicyDocument }, invoke }) {
    await invoke('s3', 'PutBucketPolicy', { Bucket, Policy: jsonText(PolicyDocument) });
  },
  async delete({ properties: { Bucket }, invoke }) {
    await unlessGone(invoke('s3', 'DeleteBucketPolicy', { Bucket }), 'NoSuchBucket');
  },
});
