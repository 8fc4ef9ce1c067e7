import type {
  LifecycleRule,
  PublicAccessBlockConfiguration,
  ServerSideEncryptionConfiguration,
  Tag,
} from '@aws-sdk/client-s3';
import { AwsError } from '../errors.ts';
import type { PolicyDocument } from '../../../policy/document.ts';
import { resourcePolicy } from '../policy/resource-policy.ts';
import type { Call, Operation } from '../service.ts';
import type { Collection, State } from '../state/state.ts';

export interface Bucket {
  readonly name: string;
  readonly created: Date;
  versioning?: 'Enabled' | 'Suspended' | undefined;
  encryption?: ServerSideEncryptionConfiguration | undefined;
  publicAccessBlock?: PublicAccessBlockConfiguration | undefined;
  lifecycle?: LifecycleRule[] | undefined;
  /** JSON of the bucket policy. */
  policy?: string | undefined;
  tags?: Tag[] | undefined;
}

/** An object's only version: the status of versioning is kept and answered, older versions are not. */
export interface StoredObject {
  readonly bucket: string;
  readonly key: string;
  readonly body: Uint8Array;
  /** Its entity tag: hex of the body's MD5, but of an object that came in parts. */
  readonly tag: string;
  readonly modified: Date;
  readonly headers: ObjectHeaders;
}

/** What is given back as it was sent. */
export interface ObjectHeaders {
  readonly ContentType: string;
  readonly CacheControl: string | undefined;
  readonly ContentDisposition: string | undefined;
  readonly ContentEncoding: string | undefined;
  readonly Metadata: Record<string, string>;
}

/** An object that comes in parts. */
export interface Upload {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  readonly headers: ObjectHeaders;
}

/** One of them; stored under the upload's id and its number. */
interface Part {
  readonly body: Uint8Array;
  /** Hex of the body's MD5. */
  readonly md5: string;
}

/** What every operation on a bucket takes. */
interface BucketInput {
  Bucket?: string | undefined;
  ExpectedBucketOwner?: string | undefined;
}

export const bucketArn = (name = ''): string => `arn:aws:s3:::${name}`;
export const objectArn = ({ Bucket, Key }: { Bucket?: string | undefined; Key?: string | undefined }): string =>
  `arn:aws:s3:::${Bucket}/${Key}`;

/** The buckets and what lies in them. */
export class BucketStore {
  readonly buckets: Collection<Bucket>;
  readonly uploads: Collection<Upload>;
  readonly parts: Collection<Part>;
  readonly #objects: Collection<StoredObject>;

  constructor(state: State) {
    this.buckets = state.collection('s3.buckets');
    this.uploads = state.collection('s3.uploads');
    this.parts = state.collection('s3.parts');
    this.#objects = state.collection('s3.objects');
  }

  /** Throws NoSuchBucket, and AccessDenied when the bucket is not the account's that the caller expects. */
  bucket({ Bucket = '', ExpectedBucketOwner }: BucketInput, call: Call): Bucket {
    const bucket = this.buckets.get(Bucket);
    if (!bucket) throw new AwsError('NoSuchBucket', `The specified bucket ${Bucket} does not exist`, 404);
    if (ExpectedBucketOwner !== undefined && ExpectedBucketOwner !== call.id)
      throw new AwsError('AccessDenied', `The bucket ${Bucket} is not owned by ${ExpectedBucketOwner}`, 403);
    return bucket;
  }

  policyOf({ Bucket = '' }: BucketInput): PolicyDocument | undefined {
    const text = this.buckets.get(Bucket)?.policy;
    return text === undefined ? undefined : resourcePolicy(text);
  }

  object(bucket: Bucket, key = ''): StoredObject | undefined {
    return this.#objects.get(`${bucket.name}/${key}`);
  }

  objects(bucket: Bucket): StoredObject[] {
    return [...this.#objects.values()].filter((object) => object.bucket === bucket.name);
  }

  put(object: StoredObject): void {
    this.#objects.set(`${object.bucket}/${object.key}`, object);
  }

  remove(bucket: Bucket, key: string): void {
    this.#objects.delete(`${bucket.name}/${key}`);
  }

  /** Forgets an upload and its parts. */
  forget(uploadId: string): void {
    this.uploads.delete(uploadId);
    for (const key of this.parts.keys()) if (key.startsWith(`${uploadId}/`)) this.parts.delete(key);
  }

  /** An operation on a bucket that exists, open to whom the caller's own policies or the bucket's allow it. */
  operation<I extends BucketInput, O extends object | void>(definition: {
    readonly action: string;
    readonly takes: readonly (keyof I & string)[];
    readonly resource?: (input: NoInfer<I>) => string;
    readonly handle: (bucket: Bucket, input: I, call: Call) => O | Promise<O>;
  }): Operation<I, O> {
    return {
      action: definition.action,
      takes: ['Bucket', 'ExpectedBucketOwner', ...definition.takes],
      resource: definition.resource ?? ((input) => bucketArn(input.Bucket)),
      resourcePolicy: (input) => this.policyOf(input),
      handle: (input, call) => definition.handle(this.bucket(input, call), input, call),
    };
  }
}
