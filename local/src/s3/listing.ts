import type * as sdk from '@aws-sdk/client-s3';
import { type Page, pageOf } from '../paging.ts';
import type { Operations } from '../service.ts';
import type { BucketStore, StoredObject } from './bucket-store.ts';
import { ONLY_VERSION } from './objects.ts';

/** A line of a listing: an object, or the common prefix of those that the delimiter rolls up into one. */
interface Entry {
  readonly key: string;
  readonly object: StoredObject | undefined;
}

interface ListingRequest {
  readonly Prefix?: string | undefined;
  readonly Delimiter?: string | undefined;
  readonly MaxKeys?: number | undefined;
  readonly EncodingType?: string | undefined;
}

function list(objects: readonly StoredObject[], after: string | undefined, input: ListingRequest): Page<Entry> {
  const { Prefix = '', Delimiter } = input;
  const entries = new Map<string, Entry>();
  for (const object of objects) {
    if (!object.key.startsWith(Prefix)) continue;
    const at = Delimiter === undefined ? -1 : object.key.indexOf(Delimiter, Prefix.length);
    const key = at === -1 ? object.key : object.key.slice(0, at + (Delimiter ?? '').length);
    entries.set(key, { key, object: at === -1 ? object : undefined });
  }
  const token = after === undefined ? undefined : Buffer.from(after).toString('base64url');
  return pageOf(entries.values(), ({ key }) => key, { limit: Math.min(input.MaxKeys ?? 1000, 1000), token });
}

// The AWS CLI asks for `url`, so that a key may hold what XML cannot.
const encoder = ({ EncodingType }: ListingRequest) =>
  EncodingType === 'url' ? (key: string) => encodeURIComponent(key).replaceAll('%2F', '/') : (key: string) => key;

const common = ({ items }: Page<Entry>, input: ListingRequest & { readonly Bucket?: string | undefined }) => {
  const encode = encoder(input);
  const prefixes = items.filter(({ object }) => !object).map(({ key }) => ({ Prefix: encode(key) }));
  return {
    Name: input.Bucket,
    Prefix: encode(input.Prefix ?? ''),
    ...(input.Delimiter !== undefined && { Delimiter: encode(input.Delimiter) }),
    MaxKeys: input.MaxKeys ?? 1000,
    EncodingType: input.EncodingType === 'url' ? ('url' as const) : undefined,
    ...(prefixes.length > 0 && { CommonPrefixes: prefixes }),
  };
};

const describe = ({ items }: Page<Entry>, input: ListingRequest) =>
  items.flatMap(({ key, object }) =>
    object
      ? [
          {
            Key: encoder(input)(key),
            ETag: `"${object.tag}"`,
            Size: object.body.length,
            LastModified: object.modified,
            StorageClass: 'STANDARD' as const,
          },
        ]
      : [],
  );

const decodeToken = (token: string | undefined): string | undefined =>
  token === undefined ? undefined : Buffer.from(token, 'base64url').toString('utf8');

export const listingOperations = (store: BucketStore): Operations<typeof sdk> => ({
  ListObjectsV2: store.operation({
    action: 's3:ListBucket',
    takes: ['Prefix', 'Delimiter', 'MaxKeys', 'ContinuationToken', 'StartAfter', 'EncodingType'],
    handle: (bucket, input) => {
      const page = list(store.objects(bucket), decodeToken(input.ContinuationToken) ?? input.StartAfter, input);
      const contents = describe(page, input);
      return {
        ...common(page, input),
        KeyCount: page.items.length,
        IsTruncated: page.next !== undefined,
        NextContinuationToken: page.next,
        ...(contents.length > 0 && { Contents: contents }),
      };
    },
  }),
  ListObjectVersions: store.operation({
    action: 's3:ListBucketVersions',
    takes: ['Prefix', 'Delimiter', 'MaxKeys', 'KeyMarker', 'VersionIdMarker', 'EncodingType'],
    handle: (bucket, input) => {
      // One version a key, so a page always begins behind a whole key and the version's marker says no more.
      const page = list(store.objects(bucket), input.KeyMarker, input);
      const versions = describe(page, input);
      return {
        ...common(page, input),
        IsTruncated: page.next !== undefined,
        ...(page.next !== undefined && { NextKeyMarker: decodeToken(page.next), NextVersionIdMarker: ONLY_VERSION }),
        ...(versions.length > 0 && {
          Versions: versions.map((version) => ({ ...version, VersionId: ONLY_VERSION, IsLatest: true })),
        }),
      };
    },
  }),
});
