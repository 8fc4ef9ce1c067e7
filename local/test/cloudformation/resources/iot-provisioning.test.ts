import {
  DescribeProvisioningTemplateCommand,
  IoTClient,
  ListProvisioningTemplateVersionsCommand,
  ListTagsForResourceCommand,
} from '@aws-sdk/client-iot';
import { describe, expect, it } from 'vitest';
import {
  allow,
  att,
  deploy,
  destroy,
  lambdaFunction,
  options,
  output,
  ref,
  role,
  stacks,
  tags,
  trust,
  useDeployments,
} from './deployed.ts';

useDeployments();

const ARN = 'arn:aws:iot:us-east-1:000000000000:provisioningtemplate/boards';

/** A template with its role, and with a hook that AWS IoT may invoke for it. */
const template = (properties: object, hook = true, SourceArn = ARN): Readonly<Record<string, unknown>> => ({
  Outputs: { Name: output(ref('Template')), Arn: output(att('Template', 'TemplateArn')) },
  Resources: {
    Template: {
      Type: 'AWS::IoT::ProvisioningTemplate',
      DependsOn: ['Permission'],
      Properties: {
        TemplateName: 'boards',
        TemplateBody: JSON.stringify({ Resources: {} }),
        ProvisioningRoleArn: att('Role', 'Arn'),
        ...(hook && { PreProvisioningHook: { TargetArn: att('Hook', 'Arn') } }),
        ...properties,
      },
    },
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: trust('iot.amazonaws.com'),
        ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AWSIoTThingsRegistration'],
      },
    },
    HookRole: role('lambda.amazonaws.com', allow('logs:*')),
    Hook: lambdaFunction('exports.handler = async () => ({ allowProvisioning: true });', 'HookRole'),
    Permission: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        FunctionName: ref('Hook'),
        Action: 'lambda:InvokeFunction',
        Principal: 'iot.amazonaws.com',
        SourceAccount: ref('AWS::AccountId'),
        SourceArn,
      },
    },
  },
});

async function described() {
  const iot = new IoTClient(options);
  const templateName = 'boards';
  const { templateBody, description, enabled, preProvisioningHook } = await iot.send(
    new DescribeProvisioningTemplateCommand({ templateName }),
  );
  const { versions } = await iot.send(new ListProvisioningTemplateVersionsCommand({ templateName }));
  const { tags: tagged } = await iot.send(new ListTagsForResourceCommand({ resourceArn: ARN }));
  return {
    templateBody,
    description,
    enabled,
    hook: preProvisioningHook?.targetArn,
    versions: versions?.length,
    tagged,
  };
}

describe('AWS::IoT::ProvisioningTemplate', () => {
  it('is made with its hook, gets other bodies as versions, keeps what is no longer said, and goes', async () => {
    const [first, second] = [{ Resources: {} }, { Resources: {}, DeviceConfiguration: { n: '2' } }].map((body) =>
      JSON.stringify(body),
    );
    const made = await deploy(
      'provisioning',
      template({ TemplateBody: first, Description: 'first', Tags: tags('red') }),
    );
    expect(made).toEqual({ Name: 'boards', Arn: ARN });
    expect(await described()).toEqual({
      templateBody: first,
      description: 'first',
      enabled: false,
      hook: expect.stringMatching(/^arn:aws:lambda:us-east-1:000000000000:function:provisioning-Hook-/) as string,
      versions: 1,
      tagged: tags('red'),
    });
    await deploy('provisioning', template({ TemplateBody: second, Enabled: true, Tags: tags('blue') }, false));
    expect(await described()).toEqual({
      templateBody: second,
      description: 'first',
      enabled: true,
      hook: expect.stringContaining(':function:provisioning-Hook-') as string,
      versions: 2,
      tagged: tags('blue'),
    });
    // Five versions are kept: as many as of a policy, which is assumed.
    for (const n of [3, 4, 5, 6]) {
      const body = JSON.stringify({ Resources: {}, DeviceConfiguration: { n: `${n}` } });
      await deploy('provisioning', template({ TemplateBody: body, Tags: tags('blue') }));
      expect(await described()).toMatchObject({ templateBody: body, enabled: true, versions: Math.min(n, 5) });
    }
    await destroy('provisioning');
    await expect(described()).rejects.toThrow('The provisioning template boards does not exist.');
  });

  it.each([
    ['a body that is none', ARN, { TemplateBody: '{' }, 'The template body is invalid: it is no JSON'],
    ['no such role', ARN, { ProvisioningRoleArn: 'arn:aws:iam::000000000000:role/none' }, 'There is no role arn:'],
    ['a hook that it may not invoke', `${ARN}-of-others`, {}, 'Access denied during lambda validation'],
  ])('with %s fails, and the stack rolls back', async (_, sourceArn, properties, reason) => {
    const stack = await stacks.deploy('refused', template(properties, true, sourceArn));
    expect(stack.StackStatus).toBe('ROLLBACK_COMPLETE');
    const events = await stacks.events(stack.StackId);
    expect(events.map(({ ResourceStatusReason = '' }) => ResourceStatusReason).join('\n')).toContain(reason);
    await destroy('refused');
  });
});
