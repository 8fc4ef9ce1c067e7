import fc from 'fast-check';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { type Output, wrapped } from '../../../cli/terminal/terminal.ts';

const terminal = (columns: number): Output => Object.assign(new PassThrough(), { isTTY: true, columns });

describe('a sentence on a terminal', () => {
  test('is broken between words alone, and no line is longer than the terminal or its longest word takes', () => {
    const word = fc.stringMatching(/^[a-z0-9/:.-]{1,70}$/);
    const mark = fc.constantFrom('', '  ', '✓ ', '! ', '- ');
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 100 }), mark, fc.array(word, { minLength: 1 }), (columns, lead, words) => {
        const lines = wrapped(terminal(columns), lead + words.join(' ')).split('\n');
        expect(lines.join(' ').trim().split(/ +/)).toEqual([...lead.trim().split(' ').filter(Boolean), ...words]);
        const longest = Math.max(...words.map((each) => each.length));
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(Math.max(columns, lead.length + longest + 2));
        for (const line of lines.slice(1)) expect(line.startsWith(' '.repeat(lead.length))).toBe(true);
      }),
    );
  });

  test('goes on below its text, behind its mark', () => {
    expect(wrapped(terminal(20), '✗ one two three four five')).toBe('✗ one two three\n  four five');
  });

  test('keeps a command in one line, or ends its lines as a shell wants it', () => {
    expect(wrapped(terminal(40), '- it is not there; run: npx cdk deploy --all; then wait')).toBe(
      '- it is not there; run:\n  npx cdk deploy --all; then wait',
    );
    const command = `aws iam create-role --role-name logs --document '{"a": 1, "b": "c d"}' && bin/fleet doctor`;
    const text = wrapped(terminal(40), `- to switch them on, run: ${command}`);
    expect(text).toBe(`- to switch them on, run: aws iam \\
  create-role --role-name logs \\
  --document '{"a": 1, "b": "c d"}' \\
  && bin/fleet doctor`);
    expect(text.replaceAll(/ \\\n +/g, ' ')).toBe(`- to switch them on, run: ${command}`);
  });

  test('is one line in a file', () => {
    const text = 'word '.repeat(50).trim();
    expect(wrapped(new PassThrough(), text)).toBe(text);
  });
});
