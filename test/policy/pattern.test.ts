import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Pattern } from '../../policy/pattern.ts';

const NOTHING_KNOWN = new Map<string, string>();
const matches = (pattern: string, text: string, variables: ReadonlyMap<string, string>) =>
  new Pattern(pattern).matches(text, (name) => variables.get(name));

test.each([
  ['topic/a/*', 'topic/a/b/c', true],
  ['topic/a/*', 'topic/a/', true],
  ['topic/a/*', 'topic/a', false],
  ['topic/a', 'topic/a/b', false],
  ['topic/?', 'topic/a', true],
  ['topic/?', 'topic/ab', false],
  ['topicfilter/a/+', 'topicfilter/a/+', true],
  ['topicfilter/a/+', 'topicfilter/a/b', false],
  ['topicfilter/a/#', 'topicfilter/a/b', false],
  ['topic/a.c', 'topic/abc', false],
  ['*', 'anything\nat all', true],
  ['topic/ä?', 'topic/ä😀', true],
])('%s for %s: %s', (pattern, resource, expected) => {
  expect(matches(pattern, resource, NOTHING_KNOWN)).toBe(expected);
});

describe('variables', () => {
  const known = new Map([['iot:ClientId', 'a*']]);

  test.each([
    ['topic/${iot:ClientId}', 'topic/a*', true],
    ['topic/${iot:ClientId}', 'topic/ab', false], // no wildcard, though it looks like one
    ['topic/${iot:ClientId}/*', 'topic/a*/x', true],
    ['topic/${iot:Other}', 'topic/ab', '${iot:Other}'],
    ['topic/x/${iot:Other}', 'topic/ab', false], // whatever it holds
    ['topic/${iot:ClientId}/${iot:Other}', 'topic/b/c', false],
  ])('%s for %s: %s', (pattern, resource, expected) => {
    expect(matches(pattern, resource, known)).toBe(expected);
  });

  test('a value matches itself, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) => {
        expect(matches('client/${iot:ClientId}', `client/${value}`, new Map([['iot:ClientId', value]]))).toBe(true);
      }),
    );
  });
});

test('text without wildcards stands for itself alone', () => {
  const plain = fc
    .string({ unit: fc.constantFrom(...'ab.+#$(){}[]^|\\/-'), maxLength: 8 })
    .filter((text) => !text.includes('${'));
  fc.assert(
    fc.property(plain, plain, (pattern, resource) => {
      expect(matches(pattern, resource, NOTHING_KNOWN)).toBe(pattern === resource);
    }),
  );
});

test('wildcards match what they were replaced by', () => {
  const part = fc.oneof(
    fc.record({ pattern: fc.constant('*'), text: fc.string({ maxLength: 5 }) }),
    fc.record({ pattern: fc.constant('?'), text: fc.string({ minLength: 1, maxLength: 1 }) }),
    fc.constantFrom(...'a/b+#').map((text) => ({ pattern: text, text })),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      const [pattern, resource] = [parts.map((one) => one.pattern).join(''), parts.map((one) => one.text).join('')];
      expect(matches(pattern, resource, NOTHING_KNOWN)).toBe(true);
    }),
  );
});
