import { createHash } from 'node:crypto';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketEncryptionCommand,
  GetBucketLocationCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectVersionsCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyChecksums } from '../../src/s3/checksums.ts';
import { s3Service } from '../../src/s3/s3-service.ts';
import { type ClientOptions, type Services, startServices } from '../support/start-services.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const client = (options: ClientOptions): S3Client => new S3Client({ ...options, forcePathStyle: true });
let services: Services;
let s3: S3Client;
let count = 0;

beforeAll(async () => {
  services = await startServices((parts) => [s3Service(parts)]);
  s3 = client(services.operator);
});
afterAll(() => services.close());

async function bucket(...keys: string[]): Promise<string> {
  const Bucket = `bucket-${++count}`;
  await s3.send(new CreateBucketCommand({ Bucket }));
  for (const Key of keys) await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
  return Bucket;
}

describe('an object', () => {
  it('comes back with its bytes, headers and MD5', async () => {
    const Bucket = await bucket();
    const Body = Buffer.from([0, 255, 13, 10, 128]);
    const put = await s3.send(
      new PutObjectCommand({ Bucket, Key: 'a/b c', Body, ContentType: 'application/zip', Metadata: { who: 'me' } }),
    );
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'a/b c' }));
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? [])).toEqual(Body);
    expect(got).toMatchObject({
      ContentType: 'application/zip',
      Metadata: { who: 'me' },
      ContentLength: 5,
      ETag: put.ETag,
    });
    expect(put.ETag).toBe(`"${createHash('md5').update(Body).digest('hex')}"`);
  });

  it('is told about by HEAD with its length', async () => {
    const Bucket = await bucket('four');
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key: 'four' }))).toMatchObject({ ContentLength: 4 });
  });

  it.each(['a//b', 'folder/', 'ä ö+&?#%', "it's (1)*!"])('keeps its key %s', async (Key) => {
    const Bucket = await bucket(Key);
    const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket }));
    expect(Contents?.map((object) => object.Key)).toEqual([Key]);
    await s3.send(new HeadObjectCommand({ Bucket, Key }));
  });

  it('that is not there is NoSuchKey, and NotFound for HEAD', async () => {
    const Bucket = await bucket();
    const missing = { Bucket, Key: 'none' };
    await expect(s3.send(new GetObjectCommand(missing))).rejects.toMatchObject({ name: 'NoSuchKey' });
    await expect(s3.send(new HeadObjectCommand(missing))).rejects.toMatchObject({
      name: 'NotFound',
      $metadata: { httpStatusCode: 404 },
    });
    await s3.send(new DeleteObjectCommand(missing));
  });

  it('in a bucket that is not there is NoSuchBucket', async () => {
    const put = new PutObjectCommand({ Bucket: 'nowhere', Key: 'a', Body: 'a' });
    await expect(s3.send(put)).rejects.toMatchObject({ name: 'NoSuchBucket' });
  });

  it('is not written over when the caller forbids it', async () => {
    const Bucket = await bucket('a');
    const put = new PutObjectCommand({ Bucket, Key: 'a', Body: 'b', IfNoneMatch: '*' });
    await expect(s3.send(put)).rejects.toMatchObject({ name: 'PreconditionFailed' });
  });

  it('is refused when its checksum does not match', async () => {
    const Bucket = await bucket();
    const put = new PutObjectCommand({ Bucket, Key: 'a', Body: 'b', ChecksumSHA256: 'AAAA' });
    await expect(s3.send(put)).rejects.toMatchObject({ name: 'BadDigest' });
  });

  it('is refused with what is not supported, by name', async () => {
    const Bucket = await bucket('a');
    const put = new PutObjectCommand({ Bucket, Key: 'a', Body: 'b', StorageClass: 'GLACIER' });
    await expect(s3.send(put)).rejects.toThrow('StorageClass of s3:PutObject is not implemented by the local cloud');
    const tag = new PutObjectTaggingCommand({ Bucket, Key: 'a', Tagging: { TagSet: [] } });
    await expect(s3.send(tag)).rejects.toThrow('PutObjectTagging is not implemented');
  });
});

it('checks the checksum that comes behind a body', async () => {
  const Bucket = await bucket();
  const put = new PutObjectCommand({ Bucket, Key: 'a', Body: 'body' });
  put.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as { body?: unknown; headers: Record<string, string> };
      request.headers['content-encoding'] = 'aws-chunked';
      request.body = '4\r\nbody\r\n0\r\nx-amz-checksum-sha256:AAAA\r\n\r\n';
      request.headers['content-length'] = String(Buffer.byteLength(request.body as string));
      request.headers['x-amz-content-sha256'] = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';
      for (const name of Object.keys(request.headers))
        if (/^x-amz-(sdk-)?checksum/.test(name)) delete request.headers[name];
      return next(args);
    },
    { step: 'build', priority: 'low' },
  );
  await expect(s3.send(put)).rejects.toMatchObject({ name: 'BadDigest' });
});

it('knows the checksums by their check values (CRC catalogue; FIPS 180)', () => {
  const body = Buffer.from('123456789');
  verifyChecksums(body, {
    ChecksumCRC32: Buffer.from('cbf43926', 'hex').toString('base64'),
    ChecksumCRC64NVME: Buffer.from('ae8b14860a799888', 'hex').toString('base64'),
    ChecksumSHA1: Buffer.from('f7c3bc1d808e04732adf679965ccc34ca7ae3441', 'hex').toString('base64'),
    ContentMD5: Buffer.from('25f9e794323b453885f5181f1b624d0b', 'hex').toString('base64'),
  });
  expect(() => verifyChecksums(Buffer.from('1'), { ChecksumCRC64NVME: 'rosUhgp5mIg=' })).toThrow('ChecksumCRC64NVME');
});

describe('a listing', () => {
  it('has a prefix, a delimiter and pages', async () => {
    const Bucket = await bucket('a/1', 'a/2', 'b', 'c/1', 'c/2', 'd');
    const first = await s3.send(new ListObjectsV2Command({ Bucket, Delimiter: '/', MaxKeys: 2 }));
    expect(first).toMatchObject({ CommonPrefixes: [{ Prefix: 'a/' }], Contents: [{ Key: 'b' }], IsTruncated: true });
    const ContinuationToken = first.NextContinuationToken;
    const second = await s3.send(new ListObjectsV2Command({ Bucket, Delimiter: '/', ContinuationToken }));
    expect(second).toMatchObject({ CommonPrefixes: [{ Prefix: 'c/' }], Contents: [{ Key: 'd' }], IsTruncated: false });
    const below = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'a/', StartAfter: 'a/1' }));
    expect(below.Contents?.map(({ Key }) => Key)).toEqual(['a/2']);
  });

  it('of versions has the only one of each object', async () => {
    const Bucket = await bucket('a', 'b');
    const first = await s3.send(new ListObjectVersionsCommand({ Bucket, MaxKeys: 1 }));
    expect(first.Versions).toMatchObject([{ Key: 'a', VersionId: 'null', IsLatest: true }]);
    const rest = await s3.send(new ListObjectVersionsCommand({ Bucket, KeyMarker: first.NextKeyMarker }));
    expect(rest.Versions?.map(({ Key }) => Key)).toEqual(['b']);
  });
});

describe('a bucket', () => {
  it('is found, listed and located', async () => {
    const Bucket = await bucket();
    await s3.send(new HeadBucketCommand({ Bucket }));
    const { Buckets } = await s3.send(new ListBucketsCommand({ Prefix: Bucket }));
    expect(Buckets?.map(({ Name }) => Name)).toEqual([Bucket]);
    // us-east-1 is answered as an empty constraint.
    expect((await s3.send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint ?? '').toBe('');
  });

  it('that is not there is NotFound for HEAD', async () => {
    await expect(s3.send(new HeadBucketCommand({ Bucket: 'nowhere' }))).rejects.toMatchObject({ name: 'NotFound' });
  });

  it.each(['Upper', 'ab', '1.2.3.4', 'a..b', '-ab'])('is not made with the name %s', async (Bucket) => {
    await expect(s3.send(new CreateBucketCommand({ Bucket }))).rejects.toMatchObject({ name: 'InvalidBucketName' });
  });

  it('is deleted only when it is empty', async () => {
    const Bucket = await bucket('a', 'b');
    await expect(s3.send(new DeleteBucketCommand({ Bucket }))).rejects.toMatchObject({ name: 'BucketNotEmpty' });
    const Delete = { Objects: [{ Key: 'a', VersionId: 'null' }, { Key: 'b' }] };
    const { Deleted } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete }));
    expect(Deleted?.map(({ Key }) => Key)).toEqual(['a', 'b']);
    await s3.send(new DeleteBucketCommand({ Bucket }));
    await expect(s3.send(new HeadBucketCommand({ Bucket }))).rejects.toMatchObject({ name: 'NotFound' });
  });

  it('keeps its settings', async () => {
    const Bucket = await bucket();
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
    expect((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBe('Enabled');
    const { ServerSideEncryptionConfiguration } = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
    expect(ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm).toBe(
      'AES256',
    );
  });

  it('of another account than the expected one is refused', async () => {
    const Bucket = await bucket('a');
    const get = new GetObjectCommand({ Bucket, Key: 'a', ExpectedBucketOwner: '111111111111' });
    await expect(s3.send(get)).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});

describe('authorisation', () => {
  it('is by object and action', async () => {
    const Bucket = await bucket('open', 'closed');
    const reader = client(
      await services.role('reader', [{ Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/open` }]),
    );
    await reader.send(new GetObjectCommand({ Bucket, Key: 'open' }));
    await expect(reader.send(new GetObjectCommand({ Bucket, Key: 'closed' }))).rejects.toThrow(
      `is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::${Bucket}/closed`,
    );
    await expect(reader.send(new PutObjectCommand({ Bucket, Key: 'open', Body: 'new' }))).rejects.toThrow(
      's3:PutObject',
    );
  });

  it('of DeleteObjects is by key, too', async () => {
    const Bucket = await bucket('mine', 'yours');
    const remover = client(
      await services.role('remover', [{ Action: 's3:DeleteObject', Resource: `arn:aws:s3:::${Bucket}/mine` }]),
    );
    const Delete = { Objects: [{ Key: 'mine' }, { Key: 'yours' }] };
    const { Deleted, Errors } = await remover.send(new DeleteObjectsCommand({ Bucket, Delete }));
    expect(Deleted).toEqual([{ Key: 'mine' }]);
    expect(Errors).toMatchObject([{ Key: 'yours', Code: 'AccessDeniedException' }]);
  });

  it('follows the bucket policy, which may allow and may deny', async () => {
    const Bucket = await bucket('a');
    const guest = client(await services.role('guest', []));
    const statement = (Effect: string, Action: string) => ({
      Effect,
      Action,
      Principal: { AWS: 'arn:aws:iam::000000000000:role/guest' },
      Resource: `arn:aws:s3:::${Bucket}/*`,
    });
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement('Allow', 's3:GetObject')] });
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    expect((await s3.send(new GetBucketPolicyCommand({ Bucket }))).Policy).toBe(Policy);
    await guest.send(new GetObjectCommand({ Bucket, Key: 'a' }));
    await expect(guest.send(new DeleteObjectCommand({ Bucket, Key: 'a' }))).rejects.toThrow('s3:DeleteObject');
    const denied = {
      Version: '2012-10-17',
      Statement: [statement('Allow', 's3:*'), statement('Deny', 's3:GetObject')],
    };
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify(denied) }));
    await expect(guest.send(new GetObjectCommand({ Bucket, Key: 'a' }))).rejects.toThrow('statement 2');
  });

  it('refuses a bucket policy that is none', async () => {
    const Bucket = await bucket();
    const put = new PutBucketPolicyCommand({ Bucket, Policy: '{"Version":"2012-10-17","Statement":[{}]}' });
    await expect(s3.send(put)).rejects.toMatchObject({ name: 'MalformedPolicy' });
  });
});

it('survives a restart', async () => {
  const folder = temporaryFolder();
  const put = await startServices((parts) => [s3Service(parts)], folder);
  await client(put.operator).send(new CreateBucketCommand({ Bucket: 'kept' }));
  await client(put.operator).send(new PutObjectCommand({ Bucket: 'kept', Key: 'a', Body: 'text' }));
  await put.close();
  const again = await startServices((parts) => [s3Service(parts)], folder);
  const { Body } = await client(again.operator).send(new GetObjectCommand({ Bucket: 'kept', Key: 'a' }));
  expect(await Body?.transformToString()).toBe('text');
  await again.close();
});
