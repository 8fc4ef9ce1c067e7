import type * as sdk from '@aws-sdk/client-s3';
import { AwsError, NotImplementedError } from '../errors.ts';
import { checkResourcePolicy } from '../policy/resource-policy.ts';
import type { Operations } from '../service.ts';
import type { Bucket, BucketStore } from './bucket-store.ts';

// What S3 does by itself since January 2023 (S3 User Guide, "Setting default server-side encryption behavior").
const DEFAULT_ENCRYPTION = { Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' as const } }] };

/**
 * The settings of a bucket. The policy is enforced; encryption, lifecycle and the public access block are kept and answered
 * only: nothing here is public or lives long enough to expire.
 */
export function bucketSettingOperations(store: BucketStore): Operations<typeof sdk> {
  const change = (bucket: Bucket, settings: Partial<Bucket>) =>
    store.buckets.set(bucket.name, Object.assign(bucket, settings));
  return {
    PutBucketEncryption: store.operation({
      action: 's3:PutEncryptionConfiguration',
      takes: ['ServerSideEncryptionConfiguration', 'ChecksumAlgorithm', 'ContentMD5'],
      handle: (bucket, { ServerSideEncryptionConfiguration: encryption }) => {
        for (const { ApplyServerSideEncryptionByDefault: rule } of encryption?.Rules ?? [])
          if (rule?.KMSMasterKeyID !== undefined)
            throw new NotImplementedError(`KMSMasterKeyID of s3:PutBucketEncryption`);
        return change(bucket, { encryption });
      },
    }),
    GetBucketEncryption: store.operation({
      action: 's3:GetEncryptionConfiguration',
      takes: [],
      handle: ({ encryption = DEFAULT_ENCRYPTION }) => ({ ServerSideEncryptionConfiguration: encryption }),
    }),
    PutBucketVersioning: store.operation({
      action: 's3:PutBucketVersioning',
      takes: ['VersioningConfiguration', 'ChecksumAlgorithm', 'ContentMD5'],
      handle: (bucket, { VersioningConfiguration: { Status, MFADelete } = {} }) => {
        if (MFADelete === 'Enabled') throw new NotImplementedError('MFADelete of s3:PutBucketVersioning');
        if (Status !== 'Enabled' && Status !== 'Suspended')
          throw new AwsError('IllegalVersioningConfigurationException', 'Status must be Enabled or Suspended');
        return change(bucket, { versioning: Status });
      },
    }),
    GetBucketVersioning: store.operation({
      action: 's3:GetBucketVersioning',
      takes: [],
      handle: ({ versioning }) => ({ Status: versioning }),
    }),
    PutPublicAccessBlock: store.operation({
      action: 's3:PutBucketPublicAccessBlock',
      takes: ['PublicAccessBlockConfiguration', 'ChecksumAlgorithm', 'ContentMD5'],
      handle: (bucket, input) => change(bucket, { publicAccessBlock: input.PublicAccessBlockConfiguration }),
    }),
    GetPublicAccessBlock: store.operation({
      action: 's3:GetBucketPublicAccessBlock',
      takes: [],
      handle: ({ publicAccessBlock }) => ({
        PublicAccessBlockConfiguration: present(
          publicAccessBlock,
          'NoSuchPublicAccessBlockConfiguration',
          'The public access block configuration was not found',
        ),
      }),
    }),
    PutBucketLifecycleConfiguration: store.operation({
      action: 's3:PutLifecycleConfiguration',
      takes: ['LifecycleConfiguration', 'ChecksumAlgorithm'],
      handle: (bucket, input) => change(bucket, { lifecycle: input.LifecycleConfiguration?.Rules }),
    }),
    GetBucketLifecycleConfiguration: store.operation({
      action: 's3:GetLifecycleConfiguration',
      takes: [],
      handle: ({ lifecycle }) => ({
        Rules: present(lifecycle, 'NoSuchLifecycleConfiguration', 'The lifecycle configuration does not exist'),
      }),
    }),
    PutBucketPolicy: store.operation({
      action: 's3:PutBucketPolicy',
      takes: ['Policy', 'ChecksumAlgorithm', 'ContentMD5'],
      handle: (bucket, { Policy = '' }) => {
        checkResourcePolicy(Policy, 'MalformedPolicy');
        return change(bucket, { policy: Policy });
      },
    }),
    GetBucketPolicy: store.operation({
      action: 's3:GetBucketPolicy',
      takes: [],
      handle: ({ policy }) => ({ Policy: present(policy, 'NoSuchBucketPolicy', 'The bucket policy does not exist') }),
    }),
    DeleteBucketPolicy: store.operation({
      action: 's3:DeleteBucketPolicy',
      takes: [],
      handle: (bucket) => change(bucket, { policy: undefined }),
    }),
    PutBucketTagging: store.operation({
      action: 's3:PutBucketTagging',
      takes: ['Tagging', 'ChecksumAlgorithm', 'ContentMD5'],
      handle: (bucket, { Tagging }) => change(bucket, { tags: Tagging?.TagSet }),
    }),
    GetBucketTagging: store.operation({
      action: 's3:GetBucketTagging',
      takes: [],
      handle: ({ tags }) => ({ TagSet: present(tags, 'NoSuchTagSet', 'The TagSet does not exist') }),
    }),
  };
}

function present<T>(setting: T | undefined, code: string, message: string): T {
  if (setting === undefined) throw new AwsError(code, message, 404);
  return setting;
}
