import {
  CreateRepositoryCommand,
  DeleteRepositoryCommand,
  DeleteRepositoryPolicyCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetRepositoryPolicyCommand,
  PutImageCommand,
  PutImageScanningConfigurationCommand,
  PutImageTagMutabilityCommand,
  PutLifecyclePolicyCommand,
  SetRepositoryPolicyCommand,
} from '@aws-sdk/client-ecr';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ecrService } from '../../src/ecr/ecr-service.ts';
import { type Services, startServices } from '../support/start-services.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let services: Services;
let ecr: ECRClient;
let count = 0;
beforeAll(async () => {
  services = await startServices((parts) => [ecrService(parts)]);
  ecr = new ECRClient(services.operator);
});
afterAll(() => services.close());

async function repository(): Promise<string> {
  const repositoryName = `repository-${++count}`;
  await ecr.send(new CreateRepositoryCommand({ repositoryName }));
  return repositoryName;
}
const arn = (name: string): string => `arn:aws:ecr:us-east-1:000000000000:repository/${name}`;
const find = async (name: string) =>
  (await ecr.send(new DescribeRepositoriesCommand({ repositoryNames: [name] }))).repositories?.[0];
// As in CDK's bootstrap template: the statements of a repository policy name no resource.
const policy = (Effect: string, Action: string) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Sid: 'only', Effect, Principal: '*', Action }] });

describe('a repository', () => {
  it('is described with its ARN and URI, and its settings', async () => {
    const repositoryName = await repository();
    await ecr.send(new PutImageTagMutabilityCommand({ repositoryName, imageTagMutability: 'IMMUTABLE' }));
    const imageScanningConfiguration = { scanOnPush: true };
    await ecr.send(new PutImageScanningConfigurationCommand({ repositoryName, imageScanningConfiguration }));
    await ecr.send(new PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText: '{"rules":[]}' }));
    expect(await find(repositoryName)).toMatchObject({
      repositoryArn: arn(repositoryName),
      repositoryUri: `000000000000.dkr.ecr.us-east-1.amazonaws.com/${repositoryName}`,
      imageTagMutability: 'IMMUTABLE',
      imageScanningConfiguration,
    });
  });

  it('is made once, and gone when it is deleted', async () => {
    const repositoryName = await repository();
    await expect(ecr.send(new CreateRepositoryCommand({ repositoryName }))).rejects.toMatchObject({
      name: 'RepositoryAlreadyExistsException',
    });
    await ecr.send(new DeleteRepositoryCommand({ repositoryName }));
    await expect(find(repositoryName)).rejects.toMatchObject({ name: 'RepositoryNotFoundException' });
  });

  it('takes no image', async () => {
    const put = new PutImageCommand({ repositoryName: await repository(), imageManifest: '{}' });
    await expect(ecr.send(put)).rejects.toThrow('PutImage is not implemented by the local cloud');
  });
});

describe('the policy of a repository', () => {
  it('is kept, enforced and taken away', async () => {
    const repositoryName = await repository();
    const policyText = policy('Deny', 'ecr:PutLifecyclePolicy');
    await ecr.send(new SetRepositoryPolicyCommand({ repositoryName, policyText }));
    expect((await ecr.send(new GetRepositoryPolicyCommand({ repositoryName }))).policyText).toBe(policyText);
    const put = new PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText: '{}' });
    await expect(ecr.send(put)).rejects.toThrow('denied by the policy of');
    await ecr.send(new DeleteRepositoryPolicyCommand({ repositoryName }));
    await ecr.send(put);
    await expect(ecr.send(new GetRepositoryPolicyCommand({ repositoryName }))).rejects.toMatchObject({
      name: 'RepositoryPolicyNotFoundException',
    });
  });

  it('is refused when it is none', async () => {
    const set = new SetRepositoryPolicyCommand({ repositoryName: await repository(), policyText: '{}' });
    await expect(ecr.send(set)).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });
});

it('authorises by repository', async () => {
  const [mine, yours] = [await repository(), await repository()];
  const options = await services.role('reader', [{ Action: 'ecr:DescribeRepositories', Resource: arn(mine) }]);
  const reader = new ECRClient(options);
  await reader.send(new DescribeRepositoriesCommand({ repositoryNames: [mine] }));
  await expect(reader.send(new DescribeRepositoriesCommand({ repositoryNames: [mine, yours] }))).rejects.toThrow(
    `ecr:DescribeRepositories on resource: ${arn(yours)}`,
  );
});

it('survives a restart', async () => {
  const folder = temporaryFolder();
  const before = await startServices((parts) => [ecrService(parts)], folder);
  await new ECRClient(before.operator).send(new CreateRepositoryCommand({ repositoryName: 'kept' }));
  await before.close();
  const after = await startServices((parts) => [ecrService(parts)], folder);
  const { repositories } = await new ECRClient(after.operator).send(new DescribeRepositoriesCommand());
  expect(repositories?.map(({ repositoryName }) => repositoryName)).toEqual(['kept']);
  await after.close();
});
