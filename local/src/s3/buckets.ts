import type * as sdk from '@aws-sdk/client-s3';
import { AwsError, NotImplementedError } from '../errors.ts';
import type { Operations } from '../service.ts';
import { type BucketStore, bucketArn } from './bucket-store.ts';

// S3 User Guide, "General purpose bucket naming rules".
const BUCKET_NAME = /^(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9](?:[a-z0-9]|[.-](?=[a-z0-9-])){1,61}[a-z0-9]$/;

export const bucketOperations = (store: BucketStore): Operations<typeof sdk> => ({
  CreateBucket: {
    takes: ['Bucket', 'CreateBucketConfiguration', 'ObjectOwnership'],
    resource: (input) => bucketArn(input.Bucket),
    handle: ({ Bucket: name = '', CreateBucketConfiguration, ObjectOwnership = 'BucketOwnerEnforced' }, call) => {
      const { LocationConstraint, ...others } = CreateBucketConfiguration ?? {};
      const [other] = Object.keys(others);
      if (other !== undefined) throw new NotImplementedError(`CreateBucketConfiguration.${other} of s3:CreateBucket`);
      if (ObjectOwnership !== 'BucketOwnerEnforced')
        throw new NotImplementedError(`ObjectOwnership ${ObjectOwnership} of s3:CreateBucket`);
      if (LocationConstraint !== undefined && LocationConstraint !== call.region)
        throw new AwsError('InvalidLocationConstraint', `The bucket can only be in ${call.region}`);
      if (!BUCKET_NAME.test(name)) throw new AwsError('InvalidBucketName', `The bucket name ${name} is not valid`);
      if (store.buckets.has(name))
        throw new AwsError('BucketAlreadyOwnedByYou', `The bucket ${name} exists and is owned by you`, 409);
      store.buckets.set(name, { name, created: new Date() });
      return { Location: `/${name}`, BucketArn: bucketArn(name) };
    },
  },
  DeleteBucket: store.operation({
    action: 's3:DeleteBucket',
    takes: [],
    handle: (bucket) => {
      if (store.objects(bucket).length > 0)
        throw new AwsError('BucketNotEmpty', `The bucket ${bucket.name} you tried to delete is not empty`, 409);
      for (const upload of [...store.uploads.values()]) if (upload.bucket === bucket.name) store.forget(upload.id);
      store.buckets.delete(bucket.name);
    },
  }),
  HeadBucket: {
    action: 's3:ListBucket',
    takes: ['Bucket', 'ExpectedBucketOwner'],
    resource: (input) => bucketArn(input.Bucket),
    resourcePolicy: (input) => store.policyOf(input),
    handle: (input, call) => {
      // A HEAD answer has no body, so its error has no code but the status.
      if (!store.buckets.has(input.Bucket ?? '')) throw new AwsError('NotFound', 'Not Found', 404);
      store.bucket(input, call);
      return { BucketRegion: call.region };
    },
  },
  ListBuckets: {
    action: 's3:ListAllMyBuckets',
    takes: ['Prefix'],
    resource: () => '*',
    handle: ({ Prefix = '' }, call) => ({
      Buckets: [...store.buckets.values()]
        .filter(({ name }) => name.startsWith(Prefix))
        .map(({ name, created }) => ({ Name: name, CreationDate: created, BucketArn: bucketArn(name) }))
        .sort((a, b) => (a.Name < b.Name ? -1 : 1)),
      Owner: { ID: call.id },
    }),
  },
  GetBucketLocation: store.operation({
    action: 's3:GetBucketLocation',
    takes: [],
    // us-east-1 is answered as no constraint at all (S3 API Reference, GetBucketLocation).
    handle: (_bucket, _input, { region }) =>
      region === 'us-east-1' ? {} : ({ LocationConstraint: region } as sdk.GetBucketLocationOutput),
  }),
});
