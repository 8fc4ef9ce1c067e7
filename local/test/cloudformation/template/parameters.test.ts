import type { Parameter } from '@aws-sdk/client-cloudformation';
import { describe, expect, it } from 'vitest';
import { parameterValue, resolveParameters } from '../../../src/cloudformation/template/parameters.ts';
import { parseTemplate } from '../../../src/cloudformation/template/parse-template.ts';

const templateWith = (P: object) =>
  parseTemplate(JSON.stringify({ Parameters: { P }, Resources: { A: { Type: 'AWS::SSM::Parameter' } } }));
const resolve = async (declaration: object, given: Parameter[] = [], previous = '') =>
  resolveParameters(
    templateWith(declaration),
    given,
    [{ key: 'P', value: previous, resolved: undefined, hidden: false }],
    (names) => Promise.resolve(new Map(names.map((name) => [name, `value of ${name}`]))),
  );
const give = (ParameterValue: string): Parameter[] => [{ ParameterKey: 'P', ParameterValue }];

it.each<[declaration: { Type: string; [member: string]: unknown }, given: Parameter[], value: unknown]>([
  [{ Type: 'String' }, give('x'), 'x'],
  [{ Type: 'String', Default: 5 }, [], '5'],
  [{ Type: 'String', Default: 'a' }, give('b'), 'b'],
  [{ Type: 'String' }, [{ ParameterKey: 'P', UsePreviousValue: true }], 'before'],
  [{ Type: 'Number' }, give('1.5'), '1.5'],
  [{ Type: 'CommaDelimitedList' }, give('a, b,c'), ['a', 'b', 'c']],
  [{ Type: 'CommaDelimitedList', Default: '' }, [], ['']],
  [{ Type: 'List<Number>' }, give('1,2'), ['1', '2']],
  [{ Type: 'AWS::SSM::Parameter::Name' }, give('/x'), '/x'],
  [{ Type: 'AWS::SSM::Parameter::Value<String>', Default: '/x' }, [], 'value of /x'],
  [{ Type: 'AWS::SSM::Parameter::Value<List<String>>' }, give('a'), ['value of a']],
])('%j given %j is %j', async (declaration, given, value) => {
  const [parameter] = await resolve(declaration, given, 'before');
  expect(parameter && parameterValue(declaration, parameter)).toEqual(value);
});

describe('what is refused', () => {
  it.each<[declaration: object, given: Parameter[], message: string]>([
    [{ Type: 'String' }, [], 'Parameters: [P] must have values'],
    [
      { Type: 'String' },
      [...give('x'), { ParameterKey: 'Q', ParameterValue: '' }],
      'Parameters: [Q] do not exist in the template',
    ],
    [{ Type: 'Number' }, give('five'), 'parameter value five for parameter name P is not a number'],
    [{ Type: 'Number' }, give(''), 'is not a number'],
    [{ Type: 'String', AllowedValues: ['a', 'b'] }, give('c'), 'must be one of [a, b]'],
    [{ Type: 'CommaDelimitedList', AllowedValues: ['a', 'b'] }, give('a,c'), 'must be one of [a, b]'],
    [{ Type: 'String', AllowedPattern: '[a-z]{2}' }, give('abc'), 'must match pattern [a-z]{2}'],
    [
      { Type: 'String', AllowedPattern: 'a', ConstraintDescription: 'be an a' },
      give('b'),
      'failed to satisfy constraint: be an a',
    ],
    [{ Type: 'String', MinLength: 2 }, give('a'), 'must have at least 2 characters'],
    [{ Type: 'String', MaxLength: '2' }, give('abc'), 'must have at most 2 characters'],
    [{ Type: 'Number', MinValue: 2 }, give('1'), 'must be at least 2'],
    [{ Type: 'Number', MaxValue: 2 }, give('3'), 'must be at most 2'],
    [
      { Type: 'AWS::EC2::KeyPair::KeyName' },
      give('k'),
      'the parameter type AWS::EC2::KeyPair::KeyName (parameter P) is not implemented',
    ],
  ])('%j given %j: %s', async (declaration, given, message) => {
    await expect(resolve(declaration, given)).rejects.toThrow(message);
  });
});

it('remembers which values are to be hidden', async () => {
  expect((await resolve({ Type: 'String', NoEcho: true }, give('secret')))[0]?.hidden).toBe(true);
  expect((await resolve({ Type: 'String', NoEcho: 'true' }, give('secret')))[0]?.hidden).toBe(true);
});
