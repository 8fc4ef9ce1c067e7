import type { DescribeEndpointRequest, DescribeEndpointResponse } from '@aws-sdk/client-iot';
import { NotImplementedError } from '../errors.ts';
import { type AnyOperation, operation } from '../service.ts';

/** The type of the endpoint that devices use; without a type AWS answers with the legacy `iot:Data`. */
const DEVICE_ENDPOINT = 'iot:Data-ATS';

/** DescribeEndpoint, with the address of the broker at the time of the call. */
export const endpointOperations = (address: () => string): Record<string, AnyOperation> => ({
  DescribeEndpoint: operation<DescribeEndpointRequest, DescribeEndpointResponse>({
    resource: () => '*',
    handle: ({ endpointType = 'iot:Data' }) => {
      if (endpointType !== DEVICE_ENDPOINT)
        throw new NotImplementedError(`the endpoint type ${endpointType} (ask for ${DEVICE_ENDPOINT})`);
      return { endpointAddress: address() };
    },
  }),
});
