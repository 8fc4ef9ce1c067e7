import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IoTClient } from '@aws-sdk/client-iot';
import { SSMClient } from '@aws-sdk/client-ssm';

// Read when a client is made. On Node.js 20 each would say that its later versions want 22, which nobody can act on who
// runs a command.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

/** For every client of the SDK, which by itself waits for an answer for ever. A call that hangs is tried again. */
export const timeLimits = {
  requestHandler: { connectionTimeout: 3_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
};

/**
 * For the clients of the SDK: AWS IoT answers some calls ten times a second only ("AWS IoT Core endpoints and quotas"), and
 * a site has more devices than that, whose certificates are made at once. The SDK slows down by itself once it is told to.
 */
export const clientConfig = { ...timeLimits, retryMode: 'adaptive', maxAttempts: 6 };

/** AWS IoT's control plane: things, certificates, policies. */
export const iot = /* @__PURE__ */ new IoTClient(clientConfig);
/** For items whose attributes have names of ours, see any-name.ts. */
export const dynamoDB = /* @__PURE__ */ new DynamoDBClient(clientConfig);
export const ssm = /* @__PURE__ */ new SSMClient(clientConfig);
export const cloudFormation = /* @__PURE__ */ new CloudFormationClient(clientConfig);
