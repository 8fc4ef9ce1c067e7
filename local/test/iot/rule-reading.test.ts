import { describe, expect, it } from 'vitest';
import { cloud, columns, publish, rule, useRuleCloud } from './rule-cloud.ts';

const items = () => cloud.rows.map(({ Item }) => Item);

describe('a cloud whose rules let the payload win and take bytes beside an alias for an error', () => {
  useRuleCloud({ collision: 'payload', binary: 'error' });

  it('reads every statement and template so', async () => {
    await rule('rows', { sql: "SELECT *, 'rule' AS who FROM 'rtjm/#'", actions: [columns] });
    await publish('{"who":"payload"}');
    await publish('not JSON');
    expect(items()).toEqual([{ who: { S: 'payload' } }]);
    expect(cloud.log.lines.at(-1)).toContain('rule rows: SQL error');
  });
});

describe('a cloud that nobody told otherwise', () => {
  useRuleCloud();

  it('lets the alias win and leaves the bytes out', async () => {
    await rule('rows', { sql: "SELECT *, 'rule' AS who FROM 'rtjm/#'", actions: [columns] });
    await publish('{"who":"payload"}');
    await publish('not JSON');
    expect(items()).toEqual([{ who: { S: 'rule' } }, { who: { S: 'rule' } }]);
  });
});
