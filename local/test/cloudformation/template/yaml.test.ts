import { describe, expect, it } from 'vitest';
import { readYaml } from '../../../src/cloudformation/template/yaml.ts';

describe('short forms of intrinsic functions', () => {
  it.each([
    ['!Ref A', { Ref: 'A' }],
    ['!Condition A', { Condition: 'A' }],
    ['!GetAtt A.B.C', { 'Fn::GetAtt': ['A', 'B.C'] }],
    ['!GetAtt [A, B]', { 'Fn::GetAtt': ['A', 'B'] }],
    ['!Sub "${A} b"', { 'Fn::Sub': '${A} b' }],
    ['!Sub ["${A}", {A: !Ref B}]', { 'Fn::Sub': ['${A}', { A: { Ref: 'B' } }] }],
    ['!If [C, !Ref A, !Ref "AWS::NoValue"]', { 'Fn::If': ['C', { Ref: 'A' }, { Ref: 'AWS::NoValue' }] }],
    [
      '!Join ["-", [a, !Select [0, !Split [",", "x,y"]]]]',
      { 'Fn::Join': ['-', ['a', { 'Fn::Select': [0, { 'Fn::Split': [',', 'x,y'] }] }]] },
    ],
    ['!Transform {Name: x}', { 'Fn::Transform': { Name: 'x' } }],
  ])('%s', (text, value) => {
    expect(readYaml(`key: ${text}`)).toEqual({ key: value });
  });
});

it('reads what is not a tag as YAML 1.2 does: versions and words like no stay text', () => {
  expect(readYaml('Version: 2012-10-17\nMode: 0644\nAnswer: no\nOn: true\nN: 5\nText: |\n  a\n  b\n')).toEqual({
    Version: '2012-10-17',
    Mode: 644,
    Answer: 'no',
    On: true,
    N: 5,
    Text: 'a\nb\n',
  });
});

it('follows anchors', () => {
  expect(readYaml('a: &x { b: !Ref C }\nd: *x')).toEqual({ a: { b: { Ref: 'C' } }, d: { b: { Ref: 'C' } } });
});

it.each([
  ['a: [1', 'YAML not well-formed'],
  ['a: 1\na: 2', 'YAML not well-formed'],
  ['? [a]\n: 1', 'a key must be a string'],
])('refuses %j', (text, message) => {
  expect(() => readYaml(text)).toThrow(message);
});
