import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Scope, evaluate, holds } from '../../../src/cloudformation/template/intrinsics.ts';
import { UNKNOWN, type Value } from '../../../src/cloudformation/template/value.ts';

const scope: Scope = {
  ref: (name) => {
    if (name === 'AWS::NoValue') return undefined;
    const values: Record<string, Value> = { Text: 'text', Number: 5, List: ['a', 'b'], 'AWS::Region': 'us-east-1' };
    return name === 'Later' ? UNKNOWN : (values[name] ?? `ref-${name}`);
  },
  attribute: (id, name) => (id === 'Later' ? UNKNOWN : `${id}.${name}`),
  condition: (name) => name === 'Yes',
  mapping: (map, top, second) => `${map}/${top}/${second}`,
  importValue: (name) => `import-${name}`,
  stackOutput: (stack, output) => `${stack}/${output}`,
};
const value = (template: Value) => evaluate(template, scope);

it.each<[Value, unknown]>([
  [{ Ref: 'Text' }, 'text'],
  [{ Ref: 'List' }, ['a', 'b']],
  [{ 'Fn::GetAtt': ['A', 'B'] }, 'A.B'],
  [{ 'Fn::GetAtt': 'A.B.C' }, 'A.B.C'],
  [{ 'Fn::GetAtt': ['A', { Ref: 'Text' }] }, 'A.text'],
  [{ 'Fn::Join': ['-', ['a', { Ref: 'Text' }, 5, true]] }, 'a-text-5-true'],
  [{ 'Fn::Join': [',', { Ref: 'List' }] }, 'a,b'],
  [{ 'Fn::Split': [',', 'a,b,'] }, ['a', 'b', '']],
  [{ 'Fn::Select': ['1', { Ref: 'List' }] }, 'b'],
  [{ 'Fn::Select': [0, { 'Fn::Split': ['/', 'x/y'] }] }, 'x'],
  [{ 'Fn::FindInMap': ['M', { Ref: 'AWS::Region' }, 'k'] }, 'M/us-east-1/k'],
  [{ 'Fn::If': ['Yes', 'a', { Ref: 'unused' }] }, 'a'],
  [{ 'Fn::If': ['No', 'a', ['b']] }, ['b']],
  [{ 'Fn::Base64': 'Ünï' }, Buffer.from('Ünï').toString('base64')],
  [{ 'Fn::ImportValue': { 'Fn::Sub': '${Text}-x' } }, 'import-text-x'],
  [{ 'Fn::GetStackOutput': { StackName: 'S', OutputName: 'O' } }, 'S/O'],
  [{ 'Fn::Sub': '${Text} ${A.B.C} ${!Raw} ${AWS::Region} $ {x}' }, 'text A.B.C ${Raw} us-east-1 $ {x}'],
  [{ 'Fn::Sub': ['${Own}/${Text}/${Number}', { Own: { Ref: 'Number' } }] }, '5/text/5'],
  [{ a: { Ref: 'AWS::NoValue' }, b: [1, { Ref: 'AWS::NoValue' }, 2] }, { b: [1, 2] }],
  [{ 'Fn::If': ['Yes', { Ref: 'AWS::NoValue' }, 1] }, undefined],
  [
    { Ref: 'A', Other: 1 },
    { Ref: 'A', Other: 1 },
  ],
])('%j', (template, expected) => {
  expect(value(template)).toEqual(expected);
});

describe('what only the deployment will know', () => {
  it.each<[Value, unknown]>([
    [{ Ref: 'Later' }, UNKNOWN],
    [{ 'Fn::GetAtt': ['Later', 'Arn'] }, UNKNOWN],
    [{ 'Fn::Sub': 'a ${Later} ${Text}' }, UNKNOWN],
    [{ 'Fn::Join': ['', ['a', { Ref: 'Later' }]] }, UNKNOWN],
    [{ 'Fn::Select': [0, [{ Ref: 'Later' }, 'b']] }, UNKNOWN],
    [{ 'Fn::Base64': { Ref: 'Later' } }, UNKNOWN],
    [
      { a: [{ Ref: 'Later' }], b: 1 },
      { a: [UNKNOWN], b: 1 },
    ],
    [{ 'Fn::If': ['No', { Ref: 'Later' }, 'known'] }, 'known'],
  ])('%j', (template, expected) => {
    expect(value(template)).toEqual(expected);
  });
});

it.each<[Value, string]>([
  [{ 'Fn::GetAZs': '' }, 'Fn::GetAZs is not implemented by the local cloud'],
  [{ 'Fn::Cidr': [] }, 'Fn::Cidr is not a function that the local cloud knows'],
  [{ 'Fn::Nonsense': 1 }, 'Fn::Nonsense is not a function that the local cloud knows'],
  [{ 'Fn::Equals': [1, 1] }, 'Fn::Equals is not a function'],
  ['{{resolve:ssm:x}}', 'the dynamic reference {{resolve:ssm:x}} is not implemented by the local cloud'],
  [{ 'Fn::Join': ['', 'a'] }, 'Fn::Join wants a list'],
  [{ 'Fn::Join': ['', [{ a: 1 }]] }, 'Fn::Join wants a string where it has {"a":1}'],
  [{ 'Fn::Select': [2, ['a']] }, 'Fn::Select cannot select nonexistent value at index 2'],
  [{ 'Fn::Select': ['x', ['a']] }, 'Fn::Select cannot select nonexistent value at index x'],
  [{ 'Fn::Sub': '${List}' }, 'Fn::Sub: ${List} is not a string'],
  [{ 'Fn::Sub': ['a', 'b'] }, 'Fn::Sub wants a string, or a string and a map'],
  [{ 'Fn::Join': ['', ['a']], Other: 1 }, 'Fn::Join stands beside other members: Fn::Join, Other'],
  [{ 'Fn::GetStackOutput': { StackName: 'S', OutputName: 'O', Region: 'eu-west-1' } }, 'from another Region'],
  [{ 'Fn::GetStackOutput': { StackName: 'S', OutputName: 'O', RoleArn: 'r' } }, 'RoleArn of Fn::GetStackOutput'],
])('%j fails: %s', (template, message) => {
  expect(() => value(template)).toThrow(message);
});

describe('conditions', () => {
  const eq = (left: Value, right: Value): Value => ({ 'Fn::Equals': [left, right] });
  it.each<[Value, boolean]>([
    [eq({ Ref: 'Text' }, 'text'), true],
    [eq('', { 'Fn::Join': ['', []] }), true],
    [eq(5, '5'), true],
    [{ 'Fn::Not': [{ Condition: 'Yes' }] }, false],
    [{ 'Fn::And': [{ Condition: 'Yes' }, eq(1, 1)] }, true],
    [{ 'Fn::Or': [{ Condition: 'No' }, eq(1, 2)] }, false],
    [{ 'Fn::Contains': [['a', 'b'], 'b'] }, true],
    [{ 'Fn::Contains': [{ Ref: 'List' }, { Ref: 'Text' }] }, false],
  ])('%j is %s', (expression, expected) => {
    expect(holds(expression, scope)).toBe(expected);
  });

  it('fail for a function that is not known', () => {
    expect(() => holds({ 'Fn::EachMemberIn': [] }, scope)).toThrow('Fn::EachMemberIn is not a condition function');
    expect(() => holds('true', scope)).toThrow('"true" is not a condition function');
  });
});

describe('for any template', () => {
  const plain = fc.letrec<{ value: Value }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string().filter((text) => !text.includes('{{resolve:')),
      fc.integer(),
      fc.boolean(),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(
        fc.string().filter((name) => name !== 'Ref' && name !== '__proto__' && !name.startsWith('Fn::')),
        tie('value'),
        { maxKeys: 4 },
      ),
    ),
  })).value;

  it('without functions, evaluation changes nothing', () => {
    fc.assert(
      fc.property(plain, (template) => {
        expect(value(template)).toEqual(template);
      }),
    );
  });

  const word = fc.string({ minLength: 1 }).filter((text) => !text.includes('{{resolve:'));
  it('Fn::Split undoes Fn::Join', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), (words) => {
        const delimiter = '\u0000';
        fc.pre(words.every((text) => !text.includes(delimiter)));
        expect(value({ 'Fn::Split': [delimiter, { 'Fn::Join': [delimiter, words] }] })).toEqual(words);
      }),
    );
  });

  it('Fn::Sub puts in what stands in its map, as it is, and leaves the rest alone', () => {
    fc.assert(
      fc.property(word, word, (inside, around) => {
        fc.pre(!around.includes('${'));
        expect(value({ 'Fn::Sub': [`${around}\${V}${around}`, { V: inside }] })).toBe(`${around}${inside}${around}`);
      }),
    );
  });
});
