import { DescribeStackResourcesCommand, type StackResource } from '@aws-sdk/client-cloudformation';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll } from 'vitest';
import { startCloudFormation, type TestCloud } from './start-cloudformation.ts';

/** One for all tests of a file. */
export let cloud: TestCloud;
export let ssm: SSMClient;

/** Starts a cloud before the tests of a file. */
export function useEngineCloud(): void {
  beforeAll(async () => {
    cloud = await startCloudFormation();
    ssm = new SSMClient(cloud.operator);
  });
  afterAll(() => cloud.stop());
}

/** Of a parameter; undefined when there is none. */
export const valueOf = async (Name: string): Promise<string | undefined> =>
  ssm.send(new GetParameterCommand({ Name })).then(
    ({ Parameter }) => Parameter?.Value,
    () => undefined,
  );

export const resourcesOf = async (StackName: string | undefined): Promise<StackResource[]> =>
  (await cloud.client.send(new DescribeStackResourcesCommand({ StackName }))).StackResources ?? [];
