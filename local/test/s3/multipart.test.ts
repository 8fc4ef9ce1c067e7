import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  type CompletedPart,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { s3Service } from '../../src/s3/s3-service.ts';
import { type ClientOptions, type Services, startServices } from '../support/start-services.ts';

const client = (options: ClientOptions): S3Client => new S3Client({ ...options, forcePathStyle: true });
let services: Services;
let s3: S3Client;
let count = 0;

beforeAll(async () => {
  services = await startServices((parts) => [s3Service(parts)]);
  s3 = client(services.operator);
});
afterAll(() => services.close());

async function bucket(): Promise<string> {
  const Bucket = `bucket-${++count}`;
  await s3.send(new CreateBucketCommand({ Bucket }));
  return Bucket;
}

const [big, small] = [Buffer.alloc(5 * 1024 * 1024, 'a'), Buffer.from('the end')];
const begin = async (Key: string) => {
  const Bucket = await bucket();
  const { UploadId } = await s3.send(
    new CreateMultipartUploadCommand({ Bucket, Key, ContentType: 'application/zip', ChecksumAlgorithm: 'SHA256' }),
  );
  const at = { Bucket, Key, UploadId };
  const send = async (PartNumber: number, Body: Buffer): Promise<CompletedPart> => {
    const { ETag } = await s3.send(new UploadPartCommand({ ...at, PartNumber, Body, ChecksumAlgorithm: 'SHA256' }));
    return { PartNumber, ETag };
  };
  const complete = (...Parts: CompletedPart[]) =>
    s3.send(new CompleteMultipartUploadCommand({ ...at, MultipartUpload: { Parts } }));
  return { at, send, complete };
};
const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest();

describe('an object in parts', () => {
  it('is there when its parts are put together, in their order and not in that of their arrival', async () => {
    const { at, send, complete } = await begin('zip');
    await send(1, small);
    const [last, first] = [await send(7, small), await send(1, big)];
    await expect(s3.send(new HeadObjectCommand(at))).rejects.toMatchObject({ name: 'NotFound' });
    const { ETag } = await complete(first, last);
    expect(ETag).toBe(`"${md5(Buffer.concat([md5(big), md5(small)])).toString('hex')}-2"`);
    const got = await s3.send(new GetObjectCommand({ Bucket: at.Bucket, Key: at.Key }));
    const body = Buffer.from((await got.Body?.transformToByteArray()) ?? []);
    // One by one, as toEqual compares them, five million bytes take half a minute.
    expect(body.equals(Buffer.concat([big, small]))).toBe(true);
    expect(got).toMatchObject({ ETag, ContentType: 'application/zip' });
    await expect(complete(first, last)).rejects.toMatchObject({ name: 'NoSuchUpload' });
  });

  it('is refused when a part is missing, another one, too small, or out of order', async () => {
    const { send, complete } = await begin('bad');
    const [first, second] = [await send(1, small), await send(2, big)];
    await expect(complete()).rejects.toMatchObject({ name: 'MalformedXML' });
    await expect(complete(first, second)).rejects.toMatchObject({ name: 'EntityTooSmall' });
    await expect(complete(second, first)).rejects.toMatchObject({ name: 'InvalidPartOrder' });
    await expect(complete({ ...second, PartNumber: 3 })).rejects.toMatchObject({ name: 'InvalidPart' });
    await expect(complete({ ...second, ETag: first.ETag })).rejects.toMatchObject({ name: 'InvalidPart' });
    await expect(complete({ ...second, ChecksumSHA256: 'AAAA' })).rejects.toMatchObject({ name: 'BadDigest' });
    await expect(send(10_001, small)).rejects.toMatchObject({ name: 'InvalidArgument' });
    await complete(second);
  });

  it('is gone once the upload is aborted, which has a permission of its own', async () => {
    const { at, send } = await begin('gone');
    const writer = client(await services.role('writer', [{ Action: 's3:PutObject', Resource: '*' }]));
    await expect(writer.send(new AbortMultipartUploadCommand(at))).rejects.toThrow('s3:AbortMultipartUpload');
    await s3.send(new AbortMultipartUploadCommand(at));
    await expect(send(1, small)).rejects.toMatchObject({ name: 'NoSuchUpload' });
  });

  it('is continued, ended and aborted in its own bucket alone, and ends with that', async () => {
    const { at, send, complete } = await begin('mine');
    const part = await send(1, small);
    const elsewhere = { ...at, Bucket: await bucket() };
    const MultipartUpload = { Parts: [part] };
    const attempts = [
      () => s3.send(new UploadPartCommand({ ...elsewhere, PartNumber: 1, Body: big })),
      () => s3.send(new CompleteMultipartUploadCommand({ ...elsewhere, MultipartUpload })),
      () => s3.send(new AbortMultipartUploadCommand(elsewhere)),
    ];
    for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject({ name: 'NoSuchUpload' });
    await s3.send(new DeleteBucketCommand({ Bucket: at.Bucket }));
    await s3.send(new CreateBucketCommand({ Bucket: at.Bucket }));
    await expect(complete(part)).rejects.toMatchObject({ name: 'NoSuchUpload' });
  });
});
