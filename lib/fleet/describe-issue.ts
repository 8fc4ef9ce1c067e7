import type { z } from 'zod';

/** Says in one line what a schema found wrong, and what is allowed. Wants issues made with `reportInput: true`. */
export function describeIssue(issue: z.core.$ZodIssue): string {
  // Of an item in a list: the name of the list.
  const subject = String(issue.path.findLast((key) => typeof key !== 'number') ?? 'the content');
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
      return `${subject} must be ${EXPECTED[issue.expected] ?? 'a map of keys and values'}`;
    case 'too_small':
      return `${subject} must be ${EXPECTED[issue.origin] ?? issue.message}`;
    case 'custom':
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
};
