import { expect, it } from 'vitest';
import { clientIdProblem, effectiveKeepAlive, topicProblem } from '../../src/iot/mqtt-limits.ts';
import { basicIngest, matchesAtAws } from '../../src/iot/topic-matching.ts';

it.each([
  [0, 1200],
  [1, 30],
  [30, 30],
  [45, 45],
  [1200, 1200],
  [65535, 1200],
])('takes a keep-alive of %d s for %d s', (asked, effective) => {
  expect(effectiveKeepAlive(asked)).toBe(effective);
});

it('lets a client without an id have no persistent session', () => {
  expect(clientIdProblem('', true)).toBeUndefined();
  expect(clientIdProblem('', false)).toBe('a persistent session needs a client id');
});

it('does not count the prefix of basic ingest', () => {
  const rest = `${'x/'.repeat(7)}${'y'.repeat(242)}`;
  expect(topicProblem(`$aws/rules/rows/${rest}`, false)).toBeUndefined();
  expect(topicProblem(`$aws/rules/rows/${rest}y`, false)).toMatch(/257 bytes/);
  expect(topicProblem('$aws/rules/rows/x', true)).toMatch(/cannot be retained/);
});

it.each([
  ['$aws/rules/rows/a/b', { ruleName: 'rows', topic: 'a/b' }],
  ['$aws/rules/rows/', { ruleName: 'rows', topic: '' }],
  ['$aws/rules/rows', { ruleName: 'rows', topic: '' }],
  ['$aws/rules//a', { ruleName: '', topic: 'a' }],
  ['$aws/rules', undefined],
  ['aws/rules/rows/a', undefined],
  ['x/$aws/rules/rows/a', undefined],
])('reads %s as basic ingest', (topic, expected) => {
  expect(basicIngest(topic)).toEqual(expected);
});

it.each([
  ['sensor/#', 'sensor', false],
  ['sensor/#', 'sensor/', true],
  ['sensor/#', 'sensor/a/b', true],
  ['+/#', 'a', false],
  ['#', 'a', true],
  ['#', '$SYS/a', false],
])('has %s match %s as AWS does: %s', (filter, topic, matches) => {
  expect(matchesAtAws(filter, topic)).toBe(matches);
});
