import { describe, expect, it } from 'vitest';
import {
  evaluate,
  parseStatement,
  parseTemplate,
  SqlParseError,
  SqlRuntimeError,
  substitute,
} from '../../../src/iot/sql/index.ts';
import { messageOf } from './message.ts';

describe('substitution templates', () => {
  it.each([
    ['${topic()}/republish', {}, 'rtjm/kitchen-sensor/telemetry/republish'],
    ['no expression, $5 {}', {}, 'no expression, $5 {}'],
    ['', {}, ''],
    ['${topic(2)}', {}, 'kitchen-sensor'],
    ['device/${device_id}', { device_id: 7 }, 'device/7'],
    ['${my.payload.value}', { my: { payload: { value: 1.5 } } }, '1.5'],
    [`\${replace(topic(), '/', '-') + '-' + timestamp()}`, {}, 'rtjm-kitchen-sensor-telemetry-1481825251155'],
    ['${floor(timestamp() / 1E3)}', {}, '1481825251'],
    [`\${ {'a': '}'} } and \${'\${'}`, {}, '{"a":"}"} and ${'],
    ['[${missing}${nothing}]', { nothing: null }, '[]'],
    ['${list}', { list: [1, 'a'] }, '[1,"a"]'],
    [`\${cast(occupied AS Bool)}`, { occupied: 1 }, 'true'],
    [`\${get((SELECT VALUE v FROM e WHERE n = 't'), 0)}`, { e: [{ n: 't', v: 3 }] }, '3'],
    ['${id}', '{"id":12345678901234567890123456789}', '12345678901234567890123456789'],
  ])('%s over %j is %s', (template, payload, text) => {
    expect(substitute(parseTemplate(template), messageOf(payload))).toBe(text);
  });

  it('see no alias, but the variables of SET with the values they have in the statement', () => {
    const statement = parseStatement(`SET @arrival = newuuid() SELECT @arrival AS arrival, 1 AS one FROM 'a'`);
    const message = messageOf({});
    const result = evaluate(statement, message);
    if (!result.matched) throw new Error('a statement without WHERE matches');
    const text = substitute(parseTemplate('${@arrival}/${one}'), message, undefined, result.variables);
    expect(text).toBe(`${(result.output as { arrival: string }).arrival}/`);
  });

  it('fail for a variable that the statement does not set', () => {
    expect(() => substitute(parseTemplate('${@arrival}'), messageOf({}))).toThrow(
      new SqlRuntimeError('@arrival is not set by the SET clause of the statement'),
    );
  });

  it.each([
    ['${', /^line 1, column 3: expected .* but end of input found$/],
    ['a\n${topic(}', /^line 2, column 9: expected .* but "}" found$/],
    ['${topic()', /^line 1, column 10: expected .*"}".* but end of input found$/],
    ['${}', /^line 1, column 3: expected .* but "}" found$/],
    ['${*}', /^line 1, column 3: expected .* but "\*" found$/],
    ['${nope()}', /^line 1, column 3: AWS IoT SQL has no function nope$/],
  ])('refuse %j', (template, message) => {
    expect(() => parseTemplate(template)).toThrow(SqlParseError);
    expect(() => parseTemplate(template)).toThrow(message);
  });
});
