import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  defaultReading,
  evaluate,
  jsonText,
  parseStatement,
  parseTemplate,
  SqlParseError,
  SqlRuntimeError,
  substitute,
} from '../../../src/iot/sql/index.ts';
import { expressions, payloads } from './expressions.ts';
import { messageOf } from './message.ts';

const tokens =
  `SELECT FROM WHERE AS SET VALUE AND OR NOT IN CASE WHEN THEN ELSE END EXISTS CAST NULL TRUE * , . ( ) [ ] { } : = <> <
  + - / % @a a b.c topic abs concat get encode decode transform 'base64' 'a/#' 'x' "y" '' 1 -2.5 1E400 1E-999999 @ ' " \${ } $`.split(
    /\s+/,
  );
const soup = fc.array(fc.constantFrom(...tokens), { maxLength: 25 }).map((words) => words.join(' '));
const texts = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  soup,
  soup.map((words) => `SELECT ${words}`),
);

describe('parseStatement and parseTemplate', () => {
  it('throw nothing but SqlParseError, in one line, whatever the text', () => {
    fc.assert(
      fc.property(texts, fc.constantFrom(parseStatement, parseTemplate), (text, parse) => {
        try {
          parse(text);
        } catch (error) {
          if (!(error instanceof SqlParseError)) throw error;
          expect(error.message).toMatch(/^line \d+, column \d+: \P{Cc}+$/u);
          expect(error.line).toBeLessThanOrEqual(text.split('\n').length);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('take statements of any length', () => {
    const long = (part: string): string => part.repeat(20_000);
    for (const sql of [`SELECT 1${long(' + 1')} AS n`, `SELECT a${long('.b')}`, `SELECT a${long(' OR a')} AS o`]) {
      expect(evaluate(parseStatement(sql), messageOf({})).matched).toBe(true);
    }
  });
});

describe('evaluate and substitute', () => {
  it('throw nothing but SqlRuntimeError, and put out JSON', () => {
    fc.assert(
      fc.property(
        expressions,
        payloads,
        fc.constantFrom('undefined' as const, 'error' as const),
        (expression, payload, binary) => {
          const message = messageOf(payload);
          const reading = { ...defaultReading, binary };
          for (const sql of [
            `SELECT *, ${expression} AS x.y`,
            `SELECT VALUE ${expression}`,
            `SELECT 1 AS n WHERE ${expression}`,
          ]) {
            const statement = parseStatement(sql);
            try {
              const result = evaluate(statement, message, reading);
              if (!result.matched || result.output instanceof Uint8Array) continue;
              JSON.parse(jsonText(result.output));
              JSON.stringify(result.output);
            } catch (error) {
              if (!(error instanceof SqlRuntimeError)) throw error;
              expect(binary).toBe('error');
            }
          }
          expect(substitute(parseTemplate(`a/\${${expression}}`), message, reading)).toMatch(/^a\//);
        },
      ),
      { numRuns: 1500 },
    );
  });

  it('encode any payload as it was sent', () => {
    const statement = parseStatement(`SELECT VALUE encode(*, 'base64')`);
    fc.assert(
      fc.property(fc.uint8Array(), (payload) => {
        const output = Buffer.from(payload).toString('base64');
        expect(evaluate(statement, messageOf(payload))).toMatchObject({ output });
      }),
    );
  });
});
