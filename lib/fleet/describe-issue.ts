import type { z } from 'zod';

/** Says in one line what a schema found wrong, and what is allowed. Wants issues made with `reportInput: true`. */
export function describeIssue(issue: z.core.$ZodIssue): string {
  // Of an item in a list, or of one generation: the name of the whole.
  const subject = String(issue.path.findLast((key) => !/^\d+$/.test(String(key))) ?? 'the content');
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.message;
    case 'invalid_value': {
      const allowed = issue.values.map(String).join(', ');
      return issue.input === undefined
        ? `${subject} is missing; allowed: ${allowed}`
        : `${subject} ${JSON.stringify(issue.input)} is not known; allowed: ${allowed}`;
    }
    case 'invalid_type':
      return `${subject} must be ${EXPECTED[subject] ?? EXPECTED[issue.expected] ?? 'a map of keys and values'}`;
    case 'too_small':
    case 'too_big':
      return `${subject} must be ${EXPECTED[subject] ?? EXPECTED[issue.origin] ?? issue.message}`;
    case 'invalid_key':
      return `${String(issue.path.at(-2))} ${JSON.stringify(issue.path.at(-1))} is no generation; allowed: such as { 1: VALUE }`;
    case 'invalid_union': {
      // Either a value, or an object of values.
      const isObject = typeof issue.input === 'object' && issue.input !== null;
      const [first] = issue.errors.at(isObject ? -1 : 0) ?? [];
      return first === undefined
        ? `${subject}: ${issue.message}`
        : describeIssue({ ...first, path: [...issue.path, ...first.path] });
    }
    case 'custom':
    case 'invalid_format':
      return `${subject} ${issue.message}`;
    default:
      return `${subject}: ${issue.message}`;
  }
}

const EXPECTED: Readonly<Record<string, string>> = {
  boolean: 'true or false',
  number: 'a whole number from 1',
  int: 'a whole number from 1',
  string: 'text',
  array: 'a list such as ["received"]',
  devices: 'a map with an entry a device, such as kitchen-sensor: { board: esp8266 }',
  generations: 'one or two whole numbers from 1 that rise, such as [1, 2]',
};
