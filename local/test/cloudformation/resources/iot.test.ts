import {
  CreateThingCommand,
  DescribeThingCommand,
  GetPolicyCommand,
  GetTopicRuleCommand,
  IoTClient,
  ListPolicyVersionsCommand,
} from '@aws-sdk/client-iot';
import { describe, expect, it } from 'vitest';
import { type Template } from '../stack-client.ts';
import {
  allow,
  att,
  deploy,
  destroy,
  document,
  options,
  output,
  ref,
  stacks,
  trust,
  useDeployments,
} from './deployed.ts';

useDeployments();

describe('AWS IoT', () => {
  const template = (n: number): Template => ({
    Resources: {
      Thing: {
        Type: 'AWS::IoT::Thing',
        Properties: { ThingName: 'a-thing', AttributePayload: { Attributes: { n: `${n}` } } },
      },
      Policy: {
        Type: 'AWS::IoT::Policy',
        Properties: { PolicyDocument: document(allow('iot:Publish', `arn:aws:iot:us-east-1:000000000000:topic/${n}`)) },
      },
      Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: trust('iot.amazonaws.com') } },
      Rule: {
        Type: 'AWS::IoT::TopicRule',
        Properties: {
          TopicRulePayload: {
            Sql: `SELECT * FROM 'topic/${n}'`,
            AwsIotSqlVersion: '2016-03-23',
            RuleDisabled: 'false',
            Actions: [{ DynamoDBv2: { RoleArn: att('Role', 'Arn'), PutItem: { TableName: 'table' } } }],
            ErrorAction: { Sqs: { RoleArn: att('Role', 'Arn'), QueueUrl: 'url', UseBase64: false } },
          },
        },
      },
    },
    Outputs: {
      Thing: output(ref('Thing')),
      ThingId: output(att('Thing', 'Id')),
      Policy: output(ref('Policy')),
      PolicyArn: output(att('Policy', 'Arn')),
      Rule: output(ref('Rule')),
      RuleArn: output(att('Rule', 'Arn')),
    },
  });

  it('things, policies and topic rules', async () => {
    const iot = new IoTClient(options);
    const { Thing, ThingId, Policy, PolicyArn, Rule, RuleArn } = await deploy('iot', template(1));
    expect(Thing).toBe('a-thing');
    expect(ThingId).toMatch(/^[0-9a-f-]{36}$/);
    expect(PolicyArn).toBe(`arn:aws:iot:us-east-1:000000000000:policy/${Policy}`);
    expect(Rule).toMatch(/^iot_Rule_[A-Z0-9]{12}$/);
    expect(RuleArn).toBe(`arn:aws:iot:us-east-1:000000000000:rule/${Rule}`);
    const rule = async () => (await iot.send(new GetTopicRuleCommand({ ruleName: Rule }))).rule;
    expect(await rule()).toMatchObject({
      sql: "SELECT * FROM 'topic/1'",
      ruleDisabled: false,
      actions: [{ dynamoDBv2: { putItem: { tableName: 'table' } } }],
      errorAction: { sqs: { queueUrl: 'url', useBase64: false } },
    });
    // A new document is a new default version of the same policy; AWS IoT keeps five.
    for (let n = 2; n <= 8; n++) expect((await deploy('iot', template(n))).Policy).toBe(Policy);
    const { policyVersions = [] } = await iot.send(new ListPolicyVersionsCommand({ policyName: Policy }));
    expect(policyVersions.map(({ versionId }) => versionId).sort()).toEqual(['4', '5', '6', '7', '8']);
    const { policyDocument, defaultVersionId } = await iot.send(new GetPolicyCommand({ policyName: Policy }));
    expect({ policyDocument, defaultVersionId }).toEqual({
      policyDocument: expect.stringContaining('topic/8') as string,
      defaultVersionId: '8',
    });
    expect((await rule())?.sql).toBe("SELECT * FROM 'topic/8'");
    expect((await iot.send(new DescribeThingCommand({ thingName: Thing }))).attributes).toEqual({ n: '8' });
    await destroy('iot');
    await expect(iot.send(new DescribeThingCommand({ thingName: Thing }))).rejects.toThrow();
    await expect(iot.send(new GetPolicyCommand({ policyName: Policy }))).rejects.toThrow();
    await expect(rule()).rejects.toThrow();
  });

  it('a thing that is there already is not taken over', async () => {
    await new IoTClient(options).send(new CreateThingCommand({ thingName: 'mine' }));
    const stack = await stacks.deploy('takeover', {
      Resources: { Thing: { Type: 'AWS::IoT::Thing', Properties: { ThingName: 'mine' } } },
    });
    expect(stack.StackStatus).toBe('ROLLBACK_COMPLETE');
    await new IoTClient(options).send(new DescribeThingCommand({ thingName: 'mine' }));
  });
});
