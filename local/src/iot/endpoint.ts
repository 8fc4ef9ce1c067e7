import type * as sdk from '@aws-sdk/client-iot';
import { NotImplementedError } from '../errors.ts';
import type { Operations } from '../service.ts';

/** The type of the endpoint that devices use; without a type AWS answers with the legacy `iot:Data`. */
const DEVICE_ENDPOINT = 'iot:Data-ATS';

/** DescribeEndpoint, with the address of the broker at the time of the call. */
export const endpointOperations = (address: () => string): Operations<typeof sdk> => ({
  DescribeEndpoint: {
    resource: () => '*',
    handle: ({ endpointType = 'iot:Data' }) => {
      if (endpointType !== DEVICE_ENDPOINT)
        throw new NotImplementedError(`the endpoint type ${endpointType} (ask for ${DEVICE_ENDPOINT})`);
      return { endpointAddress: address() };
    },
  },
});
