import {
  CloudFormationClient,
  DescribeStackResourcesCommand,
  UpdateTerminationProtectionCommand,
} from '@aws-sdk/client-cloudformation';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type CloudFormation, createCloudFormation } from '../../src/cloudformation/cloudformation.ts';
import { ecrService } from '../../src/ecr/ecr-service.ts';
import { s3Service } from '../../src/s3/s3-service.ts';
import { ssmService } from '../../src/ssm/ssm-service.ts';
import { stsService } from '../../src/sts/sts-service.ts';
import { type Services, startServices } from '../support/start-services.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { stackClient } from './stack-client.ts';

async function start(
  folder?: string,
): Promise<{ services: Services; cloudFormation: CloudFormation; client: CloudFormationClient }> {
  let cloudFormation: CloudFormation | undefined;
  const services = await startServices((parts) => {
    cloudFormation = createCloudFormation(parts);
    const { iam, sessions } = parts;
    return [cloudFormation.service, stsService(iam, sessions), s3Service(parts), ssmService(parts), ecrService(parts)];
  }, folder);
  return {
    services,
    cloudFormation: cloudFormation as CloudFormation,
    client: new CloudFormationClient(services.operator),
  };
}

describe("CDK's own bootstrap template", () => {
  it('is deployed with its roles, of which each may do what it is for', async () => {
    const { services, cloudFormation, client } = await start();
    onTestFinished(() => services.close());
    await cloudFormation.bootstrap(services.iam.operator());

    const stack = await stackClient(client).settled('CDKToolkit');
    expect(stack.StackStatus).toBe('CREATE_COMPLETE');
    expect(stack.Outputs).toContainEqual(
      expect.objectContaining({ OutputKey: 'BucketName', OutputValue: 'cdk-hnb659fds-assets-000000000000-us-east-1' }),
    );
    const { StackResources = [] } = await client.send(new DescribeStackResourcesCommand({ StackName: 'CDKToolkit' }));
    const types = StackResources.map(({ ResourceType = '' }) => ResourceType.replace('AWS::', ''));
    expect(types.sort()).toEqual([
      'ECR::Repository',
      'IAM::Policy',
      'IAM::Policy',
      ...Array<string>(5).fill('IAM::Role'),
      'S3::Bucket',
      'S3::BucketPolicy',
      'SSM::Parameter',
    ]);

    const assume = async (role: string) => {
      const { Credentials: keys } = await new STSClient(services.operator).send(
        new AssumeRoleCommand({
          RoleArn: `arn:aws:iam::000000000000:role/cdk-hnb659fds-${role}-role-000000000000-us-east-1`,
          RoleSessionName: 'test',
        }),
      );
      const {
        AccessKeyId: accessKeyId = '',
        SecretAccessKey: secretAccessKey = '',
        SessionToken: sessionToken = '',
      } = keys ?? {};
      return { ...services.operator, credentials: { accessKeyId, secretAccessKey, sessionToken } };
    };
    const version = new GetParameterCommand({ Name: '/cdk-bootstrap/hnb659fds/version' });
    const deploy = await assume('deploy');
    expect(Number((await new SSMClient(deploy).send(version)).Parameter?.Value)).toBeGreaterThan(20);
    await expect(new SSMClient(await assume('file-publishing')).send(version)).rejects.toThrow('ssm:GetParameter');
    // CloudFormation alone may assume the role that stacks are deployed with.
    await expect(assume('cfn-exec')).rejects.toThrow('the role does not trust it');
    const template = { Resources: { A: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: 'x' } } } };
    const byDeployer = stackClient(new CloudFormationClient(deploy));
    const RoleARN = 'arn:aws:iam::000000000000:role/cdk-hnb659fds-cfn-exec-role-000000000000-us-east-1';
    expect((await byDeployer.deploy('app', template, { RoleARN })).StackStatus).toBe('CREATE_COMPLETE');
    // Without that role, CloudFormation works as the deployer, who may not do it himself.
    expect((await byDeployer.deploy('direct', template)).StackStatus).toBe('ROLLBACK_COMPLETE');
    await expect(
      byDeployer.deploy('passing', template, { RoleARN: RoleARN.replace('cfn-exec', 'lookup') }),
    ).rejects.toThrow('iam:PassRole');
  });

  it('is not deployed again', async () => {
    const folder = temporaryFolder();
    const first = await start(folder);
    await first.cloudFormation.bootstrap(first.services.iam.operator());
    const { StackId } = await stackClient(first.client).settled('CDKToolkit');
    await first.client.send(
      new UpdateTerminationProtectionCommand({ StackName: StackId, EnableTerminationProtection: true }),
    );
    await first.services.close();
    const again = await start(folder);
    onTestFinished(() => again.services.close());
    await again.cloudFormation.bootstrap(again.services.iam.operator());
    expect(await stackClient(again.client).settled('CDKToolkit')).toMatchObject({
      StackId,
      EnableTerminationProtection: true,
    });
  });
});
