import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, test, vi } from 'vitest';
import { cloudName } from '../../../cli/aws/cloud.ts';

const sts = mockClient(STSClient);

beforeEach(() => {
  sts.reset();
  vi.stubEnv('AWS_ENDPOINT_URL', undefined);
  vi.stubEnv('AWS_REGION', 'eu-west-1');
});

test('AWS: account and region', async () => {
  sts.on(GetCallerIdentityCommand).resolves({ Account: '111122223333' });
  expect(await cloudName()).toBe('AWS account 111122223333, eu-west-1');
});

test('where STS is out of reach, the region is known all the same', async () => {
  sts.on(GetCallerIdentityCommand).rejects(new Error('getaddrinfo ENOTFOUND'));
  expect(await cloudName()).toBe('AWS account unknown, eu-west-1');
});

test('the local cloud: nobody is asked', async () => {
  vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:4566');
  expect(await cloudName()).toBe('local cloud at 127.0.0.1:4566');
  expect(sts.calls()).toEqual([]);
});
