import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTopicFilter, matchesTopicFilter } from '../../../src/iot/sql/topic-filter.ts';

describe('matchesTopicFilter', () => {
  it.each([
    ['rtjm/#', 'rtjm/kitchen/telemetry', true],
    ['rtjm/#', 'rtjm', true],
    ['rtjm/#', 'rtjm/', true],
    ['rtjm/#', 'rtjmx/kitchen', false],
    ['rtjm/+', 'rtjm/kitchen', true],
    ['rtjm/+', 'rtjm/', true],
    ['rtjm/+', 'rtjm', false],
    ['rtjm/+', 'rtjm/kitchen/telemetry', false],
    ['rtjm/+/telemetry', 'rtjm/kitchen/telemetry', true],
    ['+/+', '/kitchen', true],
    ['/+', '/kitchen', true],
    ['+', '/kitchen', false],
    ['#', 'rtjm/kitchen', true],
    ['#', '$aws/things/x', false],
    ['+/things/x', '$aws/things/x', false],
    ['$aws/#', '$aws/things/x', true],
    ['$aws/things/+', '$aws/things/x', true],
    ['rtjm/kitchen', 'rtjm/Kitchen', false],
    ['rtjm/#/telemetry', 'rtjm/kitchen/telemetry', false],
  ])('%s and %s: %s', (filter, topic, expected) => {
    expect(matchesTopicFilter(filter, topic)).toBe(expected);
  });

  const level = fc.stringMatching(/^[a-z]{0,3}$/);
  const names = fc.array(level, { minLength: 1, maxLength: 5 });

  it('a topic matches itself, each level as +, and each prefix with #', () => {
    fc.assert(
      fc.property(names, fc.nat(), (levels, n) => {
        const topic = levels.join('/');
        const at = n % levels.length;
        expect(matchesTopicFilter(topic, topic)).toBe(true);
        expect(matchesTopicFilter(levels.with(at, '+').join('/'), topic)).toBe(true);
        expect(matchesTopicFilter([...levels.slice(0, at), '#'].join('/'), topic)).toBe(true);
        expect(matchesTopicFilter([...levels, 'x'].join('/'), topic)).toBe(false);
      }),
    );
  });
});

describe('isTopicFilter', () => {
  it.each(['rtjm/#', '#', '+', '+/a/+', '/', 'rtjm/kitchen', '$aws/things/+/shadow/#'])('takes %s', (filter) => {
    expect(isTopicFilter(filter)).toBe(true);
  });
  it.each(['', 'rtjm/#/x', 'rtjm#', 'a/b+', '##', '++'])('refuses "%s"', (filter) => {
    expect(isTopicFilter(filter)).toBe(false);
  });
});
