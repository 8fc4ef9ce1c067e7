import type * as sdk from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import { AwsError, NotImplementedError } from '../errors.ts';
import type { Operations } from '../service.ts';
import { type Bucket, type BucketStore, type ObjectHeaders, type StoredObject, objectArn } from './bucket-store.ts';
import { CHECKSUMS, crc32Checksum, verifyChecksums } from './checksums.ts';

// The version id of an object that was stored while versioning was off; every object here has it.
export const ONLY_VERSION = 'null';

/** Refuses what none of the objects here can have. */
function checkVersion(version: string | undefined): void {
  if (version !== undefined && version !== ONLY_VERSION)
    throw new AwsError(
      'NoSuchVersion',
      `The version ${version} does not exist: the local cloud keeps one version`,
      404,
    );
}

/** The members that say what is stored beside the bytes. */
export const OBJECT_HEADERS = [
  ...(['ContentType', 'CacheControl', 'ContentDisposition', 'ContentEncoding', 'Metadata'] as const),
  'ServerSideEncryption' as const,
];

export const headersOf = (
  input: Pick<sdk.PutObjectRequest, Exclude<(typeof OBJECT_HEADERS)[number], 'ServerSideEncryption'>>,
): ObjectHeaders => ({
  ContentType: input.ContentType ?? 'binary/octet-stream',
  CacheControl: input.CacheControl,
  ContentDisposition: input.ContentDisposition,
  // The framing has been taken off by now.
  ContentEncoding: input.ContentEncoding?.replace(/^aws-chunked,?\s*/, '') || undefined,
  Metadata: input.Metadata ?? {},
});

/** What S3 does to the bytes at rest is not to be seen from outside, so its own keys are as good as done. */
export function checkEncryption(
  operation: string,
  { ServerSideEncryption = 'AES256' }: Pick<sdk.PutObjectRequest, 'ServerSideEncryption'>,
): 'AES256' | 'aws:kms' {
  if (ServerSideEncryption === 'AES256' || ServerSideEncryption === 'aws:kms') return ServerSideEncryption;
  throw new NotImplementedError(`ServerSideEncryption ${ServerSideEncryption} of s3:${operation}`);
}

/** Throws PreconditionFailed when the object is there and the caller says that it must not be. */
export function checkFree(
  store: BucketStore,
  bucket: Bucket,
  operation: string,
  { Key: key = '', IfNoneMatch }: Pick<sdk.PutObjectRequest, 'Key' | 'IfNoneMatch'>,
): void {
  if (IfNoneMatch !== undefined && IfNoneMatch !== '*')
    throw new NotImplementedError(`IfNoneMatch with an ETag of s3:${operation}`);
  if (IfNoneMatch === '*' && store.object(bucket, key))
    throw new AwsError('PreconditionFailed', `The object ${key} exists already`, 412);
}

const describe = ({ body, tag, modified, headers }: StoredObject, checksums: boolean): sdk.HeadObjectOutput => ({
  ...headers,
  ContentLength: body.length,
  ETag: `"${tag}"`,
  LastModified: modified,
  AcceptRanges: 'bytes',
  ServerSideEncryption: 'AES256',
  ...(checksums && { ChecksumCRC32: crc32Checksum(body), ChecksumType: 'FULL_OBJECT' as const }),
});

export const objectOperations = (store: BucketStore): Operations<typeof sdk> => ({
  PutObject: store.operation({
    action: 's3:PutObject',
    takes: ['Key', 'Body', 'ContentLength', ...OBJECT_HEADERS, 'IfNoneMatch', 'ChecksumAlgorithm', ...CHECKSUMS],
    resource: objectArn,
    handle: (bucket, input) => {
      const ServerSideEncryption = checkEncryption('PutObject', input);
      checkFree(store, bucket, 'PutObject', input);
      const body = (input.Body ?? new Uint8Array()) as Uint8Array;
      verifyChecksums(body, input);
      const tag = createHash('md5').update(body).digest('hex');
      const { Key: key = '' } = input;
      store.put({ bucket: bucket.name, key, body, tag, modified: new Date(), headers: headersOf(input) });
      return { ETag: `"${tag}"`, ServerSideEncryption, ChecksumCRC32: crc32Checksum(body) };
    },
  }),
  GetObject: store.operation({
    action: 's3:GetObject',
    takes: ['Key', 'VersionId', 'ChecksumMode'],
    resource: objectArn,
    handle: (bucket, { Key, VersionId, ChecksumMode }) => {
      checkVersion(VersionId);
      const object = store.object(bucket, Key);
      if (!object) throw new AwsError('NoSuchKey', `The specified key ${Key} does not exist.`, 404);
      return { ...describe(object, ChecksumMode === 'ENABLED'), Body: object.body };
    },
  }),
  HeadObject: store.operation({
    action: 's3:GetObject',
    takes: ['Key', 'VersionId', 'ChecksumMode'],
    resource: objectArn,
    handle: (bucket, { Key, VersionId, ChecksumMode }) => {
      checkVersion(VersionId);
      const object = store.object(bucket, Key);
      if (!object) throw new AwsError('NotFound', 'Not Found', 404);
      return describe(object, ChecksumMode === 'ENABLED');
    },
  }),
  DeleteObject: store.operation({
    action: 's3:DeleteObject',
    takes: ['Key', 'VersionId'],
    resource: objectArn,
    handle: (bucket, { Key = '', VersionId }) => {
      checkVersion(VersionId);
      store.remove(bucket, Key);
    },
  }),
  DeleteObjects: {
    action: 's3:DeleteObject',
    takes: ['Bucket', 'Delete', 'ExpectedBucketOwner', 'ChecksumAlgorithm'],
    // AWS asks about each key; so does the handler. Here only a caller without any right is turned away as a whole.
    resource: ({ Bucket, Delete }) => objectArn({ Bucket, Key: Delete?.Objects?.[0]?.Key }),
    resourcePolicy: (input) => store.policyOf(input),
    handle: async ({ Bucket, ExpectedBucketOwner, Delete }, call) => {
      if (!Delete?.Objects?.length) throw new AwsError('MalformedXML', 'DeleteObjects names no object');
      store.bucket({ Bucket, ExpectedBucketOwner }, call);
      const output = {
        Deleted: [] as { Key?: string }[],
        Errors: [] as { Key?: string; Code: string; Message: string }[],
      };
      for (const { Key, VersionId } of Delete.Objects) {
        const key = Key === undefined ? {} : { Key };
        try {
          await call.invoke('s3', 'DeleteObject', { Bucket, Key, VersionId });
          if (!Delete.Quiet) output.Deleted.push(key);
        } catch (error) {
          if (!(error instanceof AwsError)) throw error;
          output.Errors.push({ ...key, Code: error.code, Message: error.message });
        }
      }
      return output;
    },
  },
});
