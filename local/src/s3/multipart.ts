import type * as sdk from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import { AwsError } from '../errors.ts';
import type { Operations } from '../service.ts';
import { type Bucket, type BucketStore, type Upload, objectArn } from './bucket-store.ts';
import { CHECKSUMS, crc32Checksum, verifyChecksums } from './checksums.ts';
import { OBJECT_HEADERS, checkEncryption, checkFree, headersOf } from './objects.ts';

/** S3 User Guide, "Amazon S3 multipart upload limits": of every part but the last. */
const SMALLEST_PART = 5 * 1024 * 1024;
const MOST_PARTS = 10_000;

/** Objects that come in parts, as the CDK CLI sends files of more than 5 MiB. Parts and uploads are not listed. */
export function multipartOperations(store: BucketStore): Operations<typeof sdk> {
  // Whoever may write to the one bucket need not be allowed to write to the other.
  const find = (bucket: Bucket, { Key, UploadId = '' }: sdk.AbortMultipartUploadRequest): Upload => {
    const upload = store.uploads.get(UploadId);
    if (upload?.bucket === bucket.name && upload.key === Key) return upload;
    throw new AwsError('NoSuchUpload', `The specified multipart upload ${UploadId} does not exist`, 404);
  };
  return {
    CreateMultipartUpload: store.operation({
      action: 's3:PutObject',
      takes: ['Key', ...OBJECT_HEADERS, 'ChecksumAlgorithm', 'ChecksumType'],
      resource: objectArn,
      handle: (bucket, input, { requestId: UploadId }) => {
        const ServerSideEncryption = checkEncryption('CreateMultipartUpload', input);
        const { Bucket, Key = '', ChecksumAlgorithm, ChecksumType } = input;
        store.uploads.set(UploadId, { id: UploadId, bucket: bucket.name, key: Key, headers: headersOf(input) });
        return { Bucket, Key, UploadId, ServerSideEncryption, ChecksumAlgorithm, ChecksumType };
      },
    }),
    UploadPart: store.operation({
      action: 's3:PutObject',
      takes: ['Key', 'UploadId', 'PartNumber', 'Body', 'ContentLength', 'ChecksumAlgorithm', ...CHECKSUMS],
      resource: objectArn,
      handle: (bucket, input) => {
        const { id } = find(bucket, input);
        const { PartNumber = 0, Body = new Uint8Array() } = input;
        if (PartNumber < 1 || PartNumber > MOST_PARTS)
          throw new AwsError(
            'InvalidArgument',
            `Part number must be an integer between 1 and ${MOST_PARTS}, inclusive`,
          );
        const body = Body as Uint8Array;
        verifyChecksums(body, input);
        const md5 = createHash('md5').update(body).digest('hex');
        store.parts.set(`${id}/${PartNumber}`, { body, md5 });
        return { ETag: `"${md5}"`, ServerSideEncryption: 'AES256', ChecksumCRC32: crc32Checksum(body) };
      },
    }),
    CompleteMultipartUpload: store.operation({
      action: 's3:PutObject',
      takes: [
        'Key',
        'UploadId',
        'MultipartUpload',
        'IfNoneMatch',
        'ChecksumType',
        ...CHECKSUMS.filter((name) => name !== 'ContentMD5'),
      ],
      resource: objectArn,
      handle: (bucket, input) => {
        const { id, key, headers } = find(bucket, input);
        checkFree(store, bucket, 'CompleteMultipartUpload', input);
        const named = input.MultipartUpload?.Parts ?? [];
        if (named.length === 0) throw new AwsError('MalformedXML', 'CompleteMultipartUpload names no part');
        const parts = named.map((claimed, index) => {
          const { PartNumber: number = 0, ETag } = claimed;
          if (number <= (named[index - 1]?.PartNumber ?? 0))
            throw new AwsError('InvalidPartOrder', 'The list of parts was not in ascending order.');
          const part = store.parts.get(`${id}/${number}`);
          if (part === undefined || part.md5 !== ETag?.replaceAll('"', ''))
            throw new AwsError('InvalidPart', `Part ${number} was not uploaded, or has another entity tag`);
          if (index < named.length - 1 && part.body.length < SMALLEST_PART)
            throw new AwsError('EntityTooSmall', `Part ${number} has less than ${SMALLEST_PART} bytes`);
          verifyChecksums(part.body, claimed);
          return part;
        });
        const body = Buffer.concat(parts.map((part) => part.body));
        verifyChecksums(body, input);
        // Not documented as such, but what every client relies on: the MD5 of the parts' MD5s, and how many there are.
        const sums = Buffer.concat(parts.map(({ md5 }) => Buffer.from(md5, 'hex')));
        const tag = `${createHash('md5').update(sums).digest('hex')}-${parts.length}`;
        store.put({ bucket: bucket.name, key, body, tag, modified: new Date(), headers });
        store.forget(id);
        return { Location: `/${bucket.name}/${key}`, Bucket: bucket.name, Key: key, ETag: `"${tag}"` };
      },
    }),
    AbortMultipartUpload: store.operation({
      action: 's3:AbortMultipartUpload',
      takes: ['Key', 'UploadId'],
      resource: objectArn,
      handle: (bucket, input) => store.forget(find(bucket, input).id),
    }),
  };
}
