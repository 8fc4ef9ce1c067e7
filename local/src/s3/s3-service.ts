import * as sdk from '@aws-sdk/client-s3';
import type { Service } from '../service.ts';
import type { State } from '../state/state.ts';
import { serviceModel } from '../wire/model.ts';
import { BucketStore } from './bucket-store.ts';
import { bucketSettingOperations } from './bucket-settings.ts';
import { bucketOperations } from './buckets.ts';
import { listingOperations } from './listing.ts';
import { multipartOperations } from './multipart.ts';
import { objectOperations } from './objects.ts';

/** Amazon S3, path-style only: buckets, their policies and settings, and objects of one version each. */
export const s3Service = ({ state }: { readonly state: State }): Service => {
  const store = new BucketStore(state);
  return {
    name: 's3',
    model: serviceModel(sdk, sdk.S3Client),
    operations: {
      ...bucketOperations(store),
      ...bucketSettingOperations(store),
      ...objectOperations(store),
      ...multipartOperations(store),
      ...listingOperations(store),
    },
  };
};
