import { expect, test } from 'vitest';
import { loadSelectRow } from '../../../bin/select-row.ts';
import { compare } from '../../../cli/review/compare.ts';
import { assemblyOf, edited, NOTHING, resourceOf } from './assemblies.ts';

const selectRow = await loadSelectRow();
const fleet = assemblyOf({ home: ['attic'] });

type Payload = Record<string, unknown> & { Sql: string };

function withRule(edit: (payload: Payload) => void, start = 'Rule') {
  return edited(fleet, 'fleet-telemetry', (resources) => {
    edit(resourceOf(resources, 'AWS::IoT::TopicRule', start).Properties.TopicRulePayload as Payload);
  });
}

const changesTo = (head: typeof fleet) => compare(fleet, head, selectRow);

test('another statement: both, and what becomes of the same message', () => {
  const head = withRule((payload) => (payload.Sql = payload.Sql.replace('topic(2) AS device', "'attic' AS device")));
  const { sites, rules, ...others } = changesTo(head);
  expect(sites).toHaveLength(1);
  expect({ rules: [], ...others }).toEqual(NOTHING);
  expect(rules).toMatchObject([{ rule: 'fleet_telemetry', change: 'changed', members: [] }]);
  const [{ sql, rows } = {}] = rules;
  expect(sql?.before).toContain('topic(2) AS device');
  expect(sql?.after).toContain("'attic' AS device");
  expect(rows?.message).toEqual({ topic: 'rtjm/kitchen-sensor/telemetry', payload: '{"temperature":21.5}' });
  const stamps = { temperature: 21.5, full_topic: 'rtjm/kitchen-sensor/telemetry', received: 1769846400000 };
  const arrival = '1769846400000#UUID';
  expect(JSON.parse(rows?.before ?? '')).toEqual({ ...stamps, device: 'kitchen-sensor', arrival });
  expect(JSON.parse(rows?.after ?? '')).toEqual({ ...stamps, device: 'attic', arrival });
});

test('the sample is the first message that the two statements treat differently', () => {
  const head = withRule(
    (payload) =>
      (payload.Sql = payload.Sql.replace(/isUndefined\(get\([^']*'[^']*'[^']*'[^']*'\), 'device'\)\) AND /, '')),
  );
  const [{ rows } = {}] = changesTo(head).rules;
  expect(rows?.message.payload).toBe('{"temperature":21.5,"device":"other"}');
  expect(rows?.before).toBe('none: the rule does not select it');
  expect(JSON.parse(rows?.after ?? '')).toMatchObject({ temperature: 21.5 });
});

test('a statement that no engine takes is said to make no row', () => {
  const head = withRule((payload) => (payload.Sql = 'SELECT everything FORM rtjm'));
  expect(changesTo(head).rules[0]?.rows?.after).toMatch(/^none: \S+/);
});

test('a rule that none of the samples is for shows no row', () => {
  const head = edited(fleet, 'fleet-telemetry', (resources) => {
    resources.Internal = structuredClone(resourceOf(resources, 'AWS::IoT::TopicRule', 'Rule'));
    const { Properties } = resources.Internal;
    const payload = Properties.TopicRulePayload as Payload;
    Properties.RuleName = 'fleet_internal';
    payload.Sql = "SELECT * FROM '$aws/events/presence/#'";
  });
  const [rule, ...others] = changesTo(head).rules;
  expect(others).toEqual([]);
  expect(rule).toMatchObject({ rule: 'fleet_internal', change: 'added' });
  expect(rule).not.toHaveProperty('rows');
});

test('the error action dropped', () => {
  const head = withRule((payload) => delete payload.ErrorAction);
  expect(changesTo(head)).toMatchObject({
    ...NOTHING,
    rules: [{ rule: 'fleet_telemetry', change: 'changed', errorAction: 'removed', members: [] }],
  });
  expect(compare(head, fleet, selectRow).rules).toMatchObject([{ errorAction: 'added' }]);
});

test('other members are named', () => {
  const head = withRule((payload) => Object.assign(payload, { RuleDisabled: true, Actions: [] }));
  expect(changesTo(head).rules).toEqual([
    { rule: 'fleet_telemetry', change: 'changed', members: ['Actions', 'RuleDisabled'] },
  ]);
});

test('a rule with another name is another rule, which replaces the old one', () => {
  const head = edited(fleet, 'fleet-telemetry', (resources) => {
    resourceOf(resources, 'AWS::IoT::TopicRule', 'RawRule').Properties.RuleName = 'fleet_bytes';
  });
  const { rules, dangers } = changesTo(head);
  expect(rules).toMatchObject([
    { rule: 'fleet_bytes', change: 'added', members: [] },
    { rule: 'fleet_telemetry_raw', change: 'removed', members: [] },
  ]);
  expect(dangers).toMatchObject([{ irreversible: false, what: 'replaced', names: ['RawRule'] }]);
});

test('without an engine, the text alone', () => {
  const head = withRule((payload) => (payload.Sql += ' AND true'));
  const [change] = compare(fleet, head).rules;
  expect(change).not.toHaveProperty('rows');
  expect(change?.sql?.after).toBe(`${change?.sql?.before} AND true`);
});
