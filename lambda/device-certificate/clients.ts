import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { IoTClient } from '@aws-sdk/client-iot';
import { SSMClient } from '@aws-sdk/client-ssm';

/**
 * A deployment of a whole site calls for every device at once, at limits of 10 and 15 calls a second: the SDK's own
 * backoff with jitter spreads them, given enough attempts. A call that hangs is tried again as well.
 */
const patience = {
  maxAttempts: 12,
  requestHandler: { connectionTimeout: 3_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
};

export const iot = new IoTClient(patience);
export const ssm = new SSMClient(patience);
export const cloudFormation = new CloudFormationClient(patience);
