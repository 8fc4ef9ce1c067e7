import { expect, test } from 'vitest';
import { lineDiff } from '../../../cli/review/line-diff.ts';
import { sqlLines } from '../../../cli/review/sql-lines.ts';

test.each([
  ['a\nb\nc', 'a\nx\nc', '  a\n- b\n+ x\n  c'],
  ['a\nb', 'a\nb', '  a\n  b'],
  ['', 'a\nb', '+ a\n+ b'],
  ['a\nb', '', '- a\n- b'],
  ['a', 'a\na', '  a\n+ a'],
  ['a\nb\na', 'a', '  a\n- b\n- a'],
])('%j and %j line by line', (before, after, diff) => {
  expect(lineDiff(before, after)).toBe(diff);
});

test('a statement has a line for each item, clause and condition', () => {
  const sql =
    "SELECT *, concat(timestamp(), '#', newuuid()) AS arrival, ' FROM a, b' AS c FROM 'rtjm/#' " +
    "WHERE isUndefined(device) AND x = 'it''s, (' OR NOT (a AND b)";
  expect(sqlLines(sql).split('\n')).toEqual([
    'SELECT *,',
    "  concat(timestamp(), '#', newuuid()) AS arrival,",
    "  ' FROM a, b' AS c",
    "FROM 'rtjm/#'",
    'WHERE isUndefined(device)',
    "  AND x = 'it''s, ('",
    '  OR NOT (a AND b)',
  ]);
});
