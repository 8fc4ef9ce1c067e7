import { expect, test } from 'vitest';
import { PassThrough } from 'node:stream';
import { costTable } from '../../../cli/cost/cost-table.ts';
import { type Deployment, deploymentOf } from '../../../cli/cost/deployment.ts';
import { estimate, savedByBasicIngest } from '../../../cli/cost/estimate.ts';
import { type Price, PRICES } from '../../../cli/cost/prices.ts';
import { assemblyOf, edited } from '../review/assemblies.ts';

const rotating = { name: 'shed', generations: [1, 2].map((number) => ({ number, keyType: 'ec' as const })) };
const fleet = assemblyOf({ home: ['attic', rotating, { name: 'lost', revoked: true }] });
const deployment = deploymentOf(fleet, undefined);
const everyMinute = { interval: 60_000, bytes: 200 };

/** Dollars by what they are for. */
function dollars(of: Deployment, traffic = everyMinute) {
  return Object.fromEntries(estimate(of, traffic).charges.map(({ price, dollars: amount }) => [price, amount]));
}

test('a deployment is read from its templates: who may connect, and what a message sets off', () => {
  expect(deployment).toEqual({
    devices: 2,
    basicIngest: false,
    keepsWhole: false,
    // Each rule is charged for one action at least, also the one of the two whose condition does not hold.
    byBroker: { rules: 2, actions: 2 },
    byBasicIngest: { rules: 1, actions: 1 },
    pointInTimeRecovery: true,
    alarms: 13,
    dashboards: 1,
    metrics: 0,
  });
  expect(deploymentOf(fleet, { retention: '90d' })).toEqual({ ...deployment, retentionDays: 90 });
});

test('basic ingest, alarms and counts are read from them as well', () => {
  const site = edited(fleet, 'fleet-site-home', (resources) => {
    for (const [id, { Type, Properties }] of Object.entries(resources)) {
      if (Type !== 'AWS::IoT::Policy') continue;
      const { Statement } = Properties.PolicyDocument as { Statement: unknown[] };
      Statement.push({ Resource: 'arn:aws:iot:us-east-1:111122223333:topic/$aws/rules/fleet_telemetry/rtjm/attic/*' });
      resources[`${id}Alarm`] = { Type: 'AWS::CloudWatch::Alarm', Properties: {} };
    }
  });
  const head = edited(site, 'fleet-telemetry', (resources) => {
    resources.Seen = {
      Type: 'AWS::IoT::TopicRule',
      Properties: {
        RuleName: 'seen',
        TopicRulePayload: { Sql: "SELECT 1 FROM 'rtjm/#'", Actions: [{ CloudwatchMetric: {} }] },
      },
    };
    resources.Board = { Type: 'AWS::CloudWatch::Dashboard', Properties: {} };
  });
  expect(deploymentOf(head, undefined)).toMatchObject({
    basicIngest: true,
    byBroker: { rules: 3, actions: 3 },
    byBasicIngest: { rules: 1, actions: 1 },
    alarms: 16,
    dashboards: 2,
    metrics: 2,
  });
});

test('a device whose board makes its key costs two alarms more than others: its claim is no device, and its rule hears next to nothing', () => {
  const enrolling = assemblyOf({ home: ['attic', { name: 'shed', enrols: true }] });
  const others = deploymentOf(assemblyOf({ home: ['attic', 'shed'] }), undefined);
  expect(deploymentOf(enrolling, undefined)).toEqual({ ...others, alarms: others.alarms + 2 });
});

// 2 devices, a message a minute: 730 hours make 87,600 messages and as many minutes.
test('a month, worked out by hand', () => {
  const found = dollars(deployment);
  expect(found.connectivity).toBeCloseTo(87_600 * 0.08e-6, 10);
  expect(found.messages).toBeCloseTo(87_600 * 1e-6, 10);
  expect(found.rules).toBeCloseTo(2 * 87_600 * 0.15e-6, 10);
  expect(found.actions).toBeCloseTo(2 * 87_600 * 0.15e-6, 10);
  expect(found.writes).toBeCloseTo(87_600 * 0.625e-6, 10);
  // Names and values: full_topic 10 + 29, received 8 + 8, measured 8 + 8, device 6 + 14, arrival 7 + 50; the payload; 100 that DynamoDB adds.
  const stored = (87_600 * 12 * (39 + 16 + 16 + 20 + 57 + 200 + 100)) / 1e9;
  expect(found.storage).toBeCloseTo(stored * 0.25, 10);
  expect(found.recovery).toBeCloseTo(stored * 0.2, 10);
  expect(found.queue).toBeCloseTo((87_600 / 10_000) * 3 * 0.4e-6, 10);
  // Always free: storage below 25 GB, requests to SQS below a million, 10 of 13 alarms, and the dashboard.
  const free = (found.storage ?? 0) + (found.queue ?? 0) + 10 * 0.1 + 3;
  expect(estimate(deployment, everyMinute).free).toBeCloseTo(free, 10);
  const all = Object.values(found).reduce((sum, one) => sum + one);
  expect(estimate(deployment, everyMinute).total).toBeCloseTo(all - free, 10);
});

// A device that sends every minute is counted 43,800 times in 730 hours, at 0.01 a thousand: 0.438.
test('silentAfter puts a value into CloudWatch for every message; a million are free, and ten metrics', () => {
  const [two, full] = [2, 165].map((devices) =>
    estimate({ ...deployment, devices, metrics: devices }, everyMinute).charges.filter(({ price }) =>
      ['metrics', 'metricRequests'].includes(price),
    ),
  );
  expect(two).toMatchObject([
    { price: 'metrics', dollars: 0.6, free: 0.6 },
    { price: 'metricRequests', quantity: 87_600, dollars: 0.876, free: 0.876 },
  ]);
  // 165 * 43,800 = 7,227,000, of which 6,227,000 are paid for.
  expect(full).toMatchObject([
    { price: 'metrics', dollars: 49.5, free: 3 },
    { price: 'metricRequests', quantity: 7_227_000, dollars: 72.27, free: 10 },
  ]);
});

test('no advice that would cost more, and none that the settings refuse', () => {
  const advice = (of: Deployment, bytes = 200) => costTable(new PassThrough(), of, { ...everyMinute, bytes });
  expect(advice(deployment)).toContain('Basic ingest');
  // Kept whole, in base64, 800 bytes and the keys are more than 1 KB, and so two units to write instead of one.
  const large = 800;
  expect(savedByBasicIngest({ ...deployment, devices: 100 }, { ...everyMinute, bytes: large })).toBeLessThan(0);
  expect(advice({ ...deployment, devices: 100 }, large)).not.toContain('Basic ingest');
  expect(advice({ ...deployment, metrics: 2 })).not.toContain('Basic ingest');
});

test('AWS meters in steps: 5 KB of a message, 1 KB of a row', () => {
  const [small, large] = [200, 5_200].map((bytes) => dollars(deployment, { ...everyMinute, bytes }));
  for (const name of ['messages', 'rules', 'actions']) expect(large?.[name]).toBeCloseTo(2 * (small?.[name] ?? 0), 10);
  expect(large?.writes).toBeCloseTo(6 * (small?.writes ?? 0), 10);
});

test('basic ingest saves the messages and one rule, and stores a third more', () => {
  const basic = { ...deployment, basicIngest: true };
  expect(dollars(basic).messages).toBe(0);
  expect(dollars(basic).rules).toBeCloseTo(87_600 * 0.15e-6, 10);
  expect(dollars(basic).storage).toBeGreaterThan(dollars(deployment).storage ?? 0);
  const difference = estimate(deployment, everyMinute).total - estimate(basic, everyMinute).total;
  expect(savedByBasicIngest(deployment, everyMinute)).toBeCloseTo(difference, 10);
  expect(savedByBasicIngest(basic, everyMinute)).toBeCloseTo(difference, 10);
});

test('payloads kept whole cost one rule less, and a third more to store', () => {
  const whole = deploymentOf(assemblyOf({ home: ['attic', 'shed'] }, { payload: 'raw' }), undefined);
  expect(whole).toMatchObject({ basicIngest: false, keepsWhole: true, byBroker: { rules: 1, actions: 1 } });
  const [raw, columns] = [whole, { ...whole, keepsWhole: false }].map((each) => dollars(each).storage ?? 0);
  const [bytes = 0, base64] = [39 + 16 + 16 + 20 + 57 + 200 + 100, 3 + 68 - 16];
  expect(raw).toBeCloseTo(((columns ?? 0) * (bytes + base64)) / bytes, 10);
});

test('rows that expire cost less than a year of them', () => {
  const month = { ...deployment, retentionDays: 730 / 24 };
  expect(dollars(month).storage).toBeCloseTo((dollars(deployment).storage ?? 0) / 12, 10);
});

test('the table names every charge that there is, the sum, and what it takes for granted', () => {
  const text = costTable(new PassThrough(), { ...deployment, alarms: 3, dashboards: 0 }, everyMinute);
  expect(text).toMatch(/^IoT Core: messages +87,600 messages of up to 5 KB +\$1 per 1,000,000 +\$0\.09$/m);
  expect(text).toMatch(/^CloudWatch: alarms +3 alarm metrics +\$0\.1 each +\$0\.30$/m);
  expect(text).not.toContain('dashboards');
  expect(text).toMatch(/^together +\$0\.\d\d$/m);
  expect(text).toMatch(/^always free +−\$0\.\d\d$/m);
  expect(text).toContain('2 devices. Every device is connected all the time and sends 200 bytes every 60 s');
  expect(text).toContain('Basic ingest ("ingest": "basic" in cdk.json) would save $');
});

test('one of a kind is in the singular', () => {
  const text = costTable(new PassThrough(), { ...deployment, devices: 1, dashboards: 1 }, everyMinute);
  expect(text).toMatch(/^CloudWatch: dashboards +1 dashboard +\$3 each +\$3\.00$/m);
  expect(text).toContain('1 device. Every device');
});

test('every price has a page of AWS that sets it, and says where it was read', () => {
  for (const { source, read, dollars: amount, per, free, freeRead } of Object.values<Price>(PRICES)) {
    expect(source).toMatch(/^https:\/\/aws\.amazon\.com\//);
    expect(read).not.toBe('');
    expect(amount / per).toBeGreaterThan(0);
    expect(freeRead === undefined).toBe(free === undefined);
  }
});
