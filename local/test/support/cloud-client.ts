import type { Cloud } from '../../src/cloud.ts';
import type { ClientOptions } from './start-services.ts';

/** What an SDK client takes to call a whole local cloud as the operator, each call once. */
export function cloudClient({ endpoint, environment }: Cloud): ClientOptions {
  const { AWS_REGION: region = '', AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = environment;
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
  return { endpoint, region, credentials, maxAttempts: 1 };
}
