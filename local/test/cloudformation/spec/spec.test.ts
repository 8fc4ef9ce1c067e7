import { beforeAll, describe, expect, it } from 'vitest';
import { PROVIDERS } from '../../../src/cloudformation/resources/providers.ts';
import { conform } from '../../../src/cloudformation/spec/conform.ts';
import { differences } from '../../../src/cloudformation/spec/differences.ts';
import { type ResourceSpec, ResourceSpecs } from '../../../src/cloudformation/spec/resource-spec.ts';
import { type ResolvedMap, UNKNOWN } from '../../../src/cloudformation/template/value.ts';

let specs: ResourceSpecs;
beforeAll(async () => {
  specs = await ResourceSpecs.load();
});
const spec = (type: string): ResourceSpec => {
  const found = specs.find(type);
  if (!found) throw new Error(`no ${type}`);
  return found;
};
const problems = (type: string, properties: ResolvedMap) => conform(specs, spec(type), properties).problems;

describe('properties are checked against the data that AWS publishes', () => {
  const document = { Version: '2012-10-17', Statement: [] };
  it.each<[type: string, properties: ResolvedMap, problems: unknown[]]>([
    ['AWS::IoT::Thing', { ThingName: 'a' }, []],
    ['AWS::IoT::Thing', {}, []],
    [
      'AWS::IoT::Thing',
      { Name: 'a' },
      ['Encountered unsupported property Name of AWS::IoT::Thing; it has AttributePayload, ThingName'],
    ],
    ['AWS::IoT::Thing', { AttributePayload: { Attributes: { any: 'x' } } }, []],
    [
      'AWS::IoT::Thing',
      { AttributePayload: { Attribute: {} } },
      ['Encountered unsupported property AttributePayload.Attribute of AWS::IoT::Thing; it has Attributes'],
    ],
    [
      'AWS::IoT::Thing',
      { AttributePayload: { Attributes: { any: ['x'] } } },
      ['Value of property AttributePayload.Attributes.any of AWS::IoT::Thing must be of type String'],
    ],
    ['AWS::IoT::Policy', {}, ['Property PolicyDocument of AWS::IoT::Policy is required']],
    ['AWS::IoT::Policy', { PolicyDocument: document }, []],
    ['AWS::IoT::Policy', { PolicyDocument: JSON.stringify(document) }, []],
    [
      'AWS::IoT::Policy',
      { PolicyDocument: document, Tags: [{ Key: 'a' }] },
      ['Property Tags[0].Value of AWS::IoT::Policy is required'],
    ],
    [
      'AWS::IoT::TopicRule',
      { TopicRulePayload: { Sql: 's', Actions: [{ Sqs: { RoleArn: 'r' } }] } },
      ['Property TopicRulePayload.Actions[0].Sqs.QueueUrl of AWS::IoT::TopicRule is required'],
    ],
    ['AWS::SQS::Queue', { DelaySeconds: '5', FifoQueue: 'true' }, []],
    [
      'AWS::SQS::Queue',
      { DelaySeconds: 1.5 },
      ['Value of property DelaySeconds of AWS::SQS::Queue must be of type Integer'],
    ],
    [
      'AWS::SQS::Queue',
      { FifoQueue: 'yes' },
      ['Value of property FifoQueue of AWS::SQS::Queue must be of type Boolean'],
    ],
    [
      'AWS::SQS::Queue',
      { QueueName: ['a'] },
      ['Value of property QueueName of AWS::SQS::Queue must be of type String'],
    ],
    [
      'AWS::SQS::QueuePolicy',
      { PolicyDocument: document, Queues: 'a' },
      ['Value of property Queues of AWS::SQS::QueuePolicy must be of type List'],
    ],
    [
      'AWS::SSM::Parameter',
      { Type: 'SecureString', Value: 'x' },
      ['Value of property Type of AWS::SSM::Parameter must be one of String, StringList'],
    ],
    [
      'AWS::Logs::LogGroup',
      { RetentionInDays: 31 },
      [expect.stringMatching(/^Value of property RetentionInDays of AWS::Logs::LogGroup must be one of 1, 3, 5, /)],
    ],
    ['Custom::Thing', { ServiceToken: 'x', Anything: { goes: [1] } }, []],
    ['Custom::Thing', { Anything: 1 }, ['Property ServiceToken of Custom::Thing is required']],
    [
      'Custom::Thing',
      { ServiceToken: 'x', ServiceTimeout: 'soon' },
      ['Value of property ServiceTimeout of Custom::Thing must be of type Integer'],
    ],
    ['AWS::CDK::Metadata', { Analytics: 'v2' }, []],
  ])('%s %j', (type, properties, expected) => {
    expect(problems(type, properties)).toEqual(expected);
  });

  it('and get the types of that data', () => {
    expect(
      conform(specs, spec('AWS::SQS::Queue'), { DelaySeconds: '5', QueueName: 7, FifoQueue: 'false' }).properties,
    ).toEqual({
      DelaySeconds: 5,
      QueueName: '7',
      FifoQueue: false,
    });
  });

  it('but for what is not known yet', () => {
    expect(problems('AWS::IoT::Policy', { PolicyDocument: UNKNOWN, Tags: UNKNOWN })).toEqual([]);
  });
});

describe('differences', () => {
  const between = (type: string, before: ResolvedMap, after: ResolvedMap) =>
    differences(specs, spec(type), before, after);
  it.each<[type: string, before: ResolvedMap, after: ResolvedMap, found: string[]]>([
    ['AWS::IoT::Thing', { ThingName: 'a' }, { ThingName: 'a' }, []],
    ['AWS::IoT::Thing', { ThingName: 'a' }, { ThingName: 'b' }, ['ThingName replaces']],
    ['AWS::IoT::Thing', { ThingName: 'a' }, {}, ['ThingName replaces']],
    ['AWS::IoT::Policy', { PolicyDocument: { a: 1 } }, { PolicyDocument: { a: 2 } }, ['PolicyDocument changes']],
    [
      'AWS::IoT::Policy',
      { PolicyDocument: { a: [1, 2] } },
      { PolicyDocument: { a: [2, 1] } },
      ['PolicyDocument changes'],
    ],
    ['AWS::IoT::Policy', { PolicyDocument: { a: 1, b: 2 } }, { PolicyDocument: { b: 2, a: 1 } }, []],
    [
      'AWS::DynamoDB::Table',
      { KeySchema: [{ AttributeName: 'a' }] },
      { KeySchema: [{ AttributeName: 'b' }] },
      ['KeySchema replaces'],
    ],
    ['AWS::DynamoDB::Table', { BillingMode: 'a' }, { BillingMode: 'b' }, ['BillingMode changes']],
    ['AWS::IAM::Role', { Path: '/' }, { Path: '/a/', Description: 'x' }, ['Path replaces', 'Description changes']],
    [
      'AWS::S3::StorageLens',
      { StorageLensConfiguration: { Id: 'a', IsEnabled: true } },
      { StorageLensConfiguration: { Id: 'a', IsEnabled: false } },
      ['StorageLensConfiguration changes'],
    ],
    [
      'AWS::S3::StorageLens',
      { StorageLensConfiguration: { Id: 'a', IsEnabled: true } },
      { StorageLensConfiguration: { Id: 'b', IsEnabled: true } },
      ['StorageLensConfiguration replaces'],
    ],
    ['Custom::Thing', { ServiceToken: 'a' }, { ServiceToken: 'b' }, ['ServiceToken changes']],
  ])('%s %j to %j', (type, before, after, found) => {
    expect(
      between(type, before, after).map(({ property, replaces }) => `${property} ${replaces ? 'replaces' : 'changes'}`),
    ).toEqual(found);
  });

  it('are uncertain where the new value is', () => {
    expect(between('AWS::IoT::Thing', { ThingName: 'a' }, { ThingName: UNKNOWN })).toEqual([
      { property: 'ThingName', replaces: true, certain: false },
    ]);
  });
});

describe('every resource type that can be made here', () => {
  it.each(Object.entries(PROVIDERS))('%s is one of AWS, with properties of AWS', (type, { properties }) => {
    expect(Object.keys(spec(type).properties)).toEqual(expect.arrayContaining([...properties]));
  });

  it.each(Object.entries(PROVIDERS))('%s honours what AWS requires', (type, { properties }) => {
    const required = Object.entries(spec(type).properties).flatMap(([name, { required }]) => (required ? [name] : []));
    expect(properties).toEqual(expect.arrayContaining(required));
  });

  it.each(Object.entries(PROVIDERS))('%s can be updated where AWS updates it in place', (type, provider) => {
    const inPlace = provider.properties.filter((name) => spec(type).properties[name]?.causesReplacement !== 'yes');
    expect('update' in provider).toBe(inPlace.length > 0);
  });
});

it('has no data for a type that AWS does not have', () => {
  expect(specs.find('AWS::IoT::Nonsense')).toBeUndefined();
});
