import { CloudFormationClient, ListStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, onTestFinished, test, vi } from 'vitest';
import { handler } from '../../../lambda/chart-widget/handler.ts';
import type { WidgetEvent } from '../../../lambda/chart-widget/request.ts';
import { OWN_COLUMNS } from '../../../lib/fleet/columns.ts';
import { row, timeSeriesTable } from '../../cli/time-series-table.ts';
import { NOW, widgetEvent } from './event.ts';

const table = await timeSeriesTable();
vi.stubEnv('TABLE_NAME', 'time-series');

const ARN = 'arn:aws:lambda:eu-west-1:123456789012:function:chart';
const draw = (event: WidgetEvent) => handler(event, { invokedFunctionArn: ARN });
const N = (value: number) => ({ N: String(value) });
const whole = (payload: string) => ({ raw: { S: Buffer.from(payload).toString('base64') } });

/** The names in bold: a panel a field. */
function panels(html: string): string[] {
  return [...html.matchAll(/font-weight="bold">([^<]*)</g)].map(([, field = '']) => field);
}

/** The curves, as many points each. */
function curves(html: string): number[] {
  return [...html.matchAll(/<path d="([^"]*)"/g)].map(([, path = '']) => path.split(/[ML]/).length - 1);
}

test('says what it is when someone puts it into a dashboard', async () => {
  expect(await draw({ describe: true })).toMatch(/^\n## Curves of esp-fleet\n[^]*\*\*devices\*\*[^]*\*\*fields\*\*/);
});

test('draws what a device sent in the span that is shown, and nothing else', async () => {
  await table.put(
    row('shed', NOW - 86_400_001, { temperature: N(1) }),
    row('shed', NOW - 86_400_000, { temperature: N(2) }),
    row('shed', NOW - 1_000, { temperature: N(3), humidity: N(60), on: { BOOL: true }, name: { S: '7' } }),
    row('shed', NOW, { temperature: N(4) }, 'zzzz'),
    row('shed', NOW + 1, { temperature: N(5) }),
    row('she', NOW - 1_000, { temperature: N(6) }),
  );
  const html = await draw(widgetEvent({ devices: 'shed' }));
  expect(panels(html).sort()).toEqual(['humidity', 'on', 'temperature']);
  expect(curves(html).sort()).toEqual([1, 1, 3]);
  expect(curves(await draw(widgetEvent({ devices: 'shed', fields: 'temperature' })))).toEqual([3]);
});

test('draws a reading where it was taken, however late it came', async () => {
  const late = (device: string, received: number, age: number, degrees: number) => ({
    ...row(device, received, { temperature: N(degrees), age: N(age) }),
    measured: N(received - age),
  });
  await table.put(
    late('late', NOW - 86_400_000, 1, 1), // taken before the span
    late('late', NOW - 1_000, 3_600_000, 2),
    late('late', NOW + 3_000_000, 3_000_000, 3), // arrived after it
    late('late', NOW + 3_000_001, 3_000_000, 4), // and was taken after it
    row('late', NOW - 500, { temperature: N(5), age: N(7) }), // an age that tells no time
    row('whole-late', NOW + 60_000, whole('{"temperature":1,"age":70000}')),
  );
  vi.stubEnv('READS_AGES', 'true');
  const html = await draw(widgetEvent({ devices: 'late' }));
  expect(panels(html).sort()).toEqual(['age', 'temperature']);
  expect(curves(await draw(widgetEvent({ devices: 'late', fields: 'temperature' })))).toEqual([3]);
  const raw = await draw(widgetEvent({ devices: 'whole-late' }));
  vi.stubEnv('READS_AGES', 'false');
  expect([panels(raw), curves(raw)]).toEqual([['temperature'], [1]]);
  expect(panels(await draw(widgetEvent({ devices: 'whole-late' })))).toEqual([]);
});

test('reads through payloads that are kept whole, and takes no name of ours from them', async () => {
  await table.put(
    row('vault', NOW - 4, whole('{"temperature":1,"received":1,"device":9,"expires":5,"on":false}')),
    row('vault', NOW - 3, whole(' \n{"temperature":2}')),
    row('vault', NOW - 2, whole('[1]')),
    row('vault', NOW - 1, whole('no JSON')),
    row('vault', NOW, { raw: { S: '' } }),
  );
  const html = await draw(widgetEvent({ devices: 'vault' }));
  expect(panels(html).sort()).toEqual(['on', 'temperature']);
  expect(curves(html).sort()).toEqual([1, 2]);
});

test('no column of ours is taken for a reading, be it in a row or in a payload', async () => {
  const ours = Object.fromEntries(OWN_COLUMNS.map((name) => [name, 1]));
  await table.put(
    row('own', NOW - 1, { expires: N(1_800_000_000) }),
    row('own', NOW, whole(JSON.stringify({ ...ours, theirs: 1 }))),
  );
  expect(panels(await draw(widgetEvent({ devices: 'own' })))).toEqual(['theirs']);
});

test('of a payload that is kept whole, neither text nor null is a number, whatever it stands in', async () => {
  const payload = '{"a":"7","b":null,"c":{"N":"7"},"d":{"N":null},"e":{"BOOL":true},"f":[1],"g":"","t":1}';
  await table.put(row('text', NOW, whole(payload)));
  expect(panels(await draw(widgetEvent({ devices: 'text' })))).toEqual(['t']);
});

test('any name is a name', async () => {
  const names = ['toString', '__proto__', 'constructor'];
  await table.put(row('names', NOW, whole(`{${names.map((name) => `"${name}":1`).join(',')}}`)));
  expect(panels(await draw(widgetEvent({ devices: 'names' }))).sort()).toEqual([...names].sort());
  expect(panels(await draw(widgetEvent({ devices: 'names', fields: names.join(',') })))).toEqual(names);
});

test('several devices share the panel of a field', async () => {
  await table.put(row('a', NOW - 5, { co2: N(400) }), row('b', NOW - 5, { co2: N(800) }));
  const html = await draw(widgetEvent({ devices: 'a, b' }));
  expect(panels(html)).toEqual(['co2']);
  expect(curves(html)).toEqual([1, 1]);
});

test('numbers that no axis can show are left out', async () => {
  await table.put(row('raw', NOW, whole('{"t":1e308,"u":-1e308}')));
  expect(await draw(widgetEvent({ devices: 'raw' }))).toContain('No numbers of raw in this span of time.');
});

test('without a name, shows the first devices that the stacks of the sites hold', async () => {
  vi.stubEnv('SITE_STACKS', '["fleet-site-home","fleet-site-shed","fleet-site-new"]');
  onTestFinished(() => void vi.stubEnv('SITE_STACKS', undefined));
  const thing = (
    PhysicalResourceId: string,
    ResourceStatus: 'CREATE_COMPLETE' | 'DELETE_COMPLETE' = 'CREATE_COMPLETE',
  ) => ({
    ResourceType: 'AWS::IoT::Thing',
    LogicalResourceId: PhysicalResourceId,
    PhysicalResourceId,
    ResourceStatus,
    LastUpdatedTimestamp: new Date(0),
  });
  const many = Array.from({ length: 8 }, (_, index) => thing(`z${index}`));
  const cloudFormation = mockClient(CloudFormationClient);
  const notThere = Object.assign(new Error('Stack with id fleet-site-new does not exist'), { name: 'ValidationError' });
  cloudFormation
    .on(ListStackResourcesCommand)
    .rejects(notThere)
    .on(ListStackResourcesCommand, { StackName: 'fleet-site-shed' })
    .resolves({ StackResourceSummaries: [{ ...thing('p'), ResourceType: 'AWS::IoT::Policy' }, thing('y1')] })
    .on(ListStackResourcesCommand, { StackName: 'fleet-site-home' })
    .resolves({ StackResourceSummaries: [...many, thing('gone', 'DELETE_COMPLETE')] });
  await table.put(row('y1', NOW - 5, { t: N(1) }), row('z0', NOW - 5, { t: N(2) }), row('gone', NOW - 5, { t: N(3) }));
  const html = await draw(widgetEvent({}));
  expect(html).toContain('1 more device: name it');
  expect(curves(html)).toEqual([1, 1]);
});

test.each([
  [{}, 'There is no device yet.'],
  [{ devices: 'nobody' }, 'No numbers of nobody in this span of time.'],
])('with the parameters %j says what is missing', async (params, sentence) => {
  const html = await draw(widgetEvent(params));
  expect(html).toContain(sentence);
  expect(html).toMatch(/<svg [^]*<\/svg>$/);
});

test('what goes wrong is a picture, and a line in the log', async () => {
  vi.stubEnv('TABLE_NAME', 'another');
  const log = vi.spyOn(console, 'error').mockReturnValue();
  const html = await draw(widgetEvent({ devices: 'shed' }));
  vi.stubEnv('TABLE_NAME', 'time-series');
  expect(html).toContain('The curves could not be drawn.');
  expect(html).toContain('ResourceNotFoundException');
  expect(log).toHaveBeenCalledOnce();
});

test('more than a picture holds: the rest is counted', async () => {
  await table.put(row('chatty', NOW - 5, Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`f${i}`, N(i)]))));
  const html = await draw(widgetEvent({ devices: 'chatty' }));
  expect(panels(html)).toHaveLength(6);
  expect(html).toContain('3 more fields: name them');
});

test('of many fields the others are counted, all of them, and each can be named', async () => {
  const fields = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`f${String(i).padStart(2, '0')}`, N(i)]));
  await table.put(row('sixty', NOW - 5, fields));
  const html = await draw(widgetEvent({ devices: 'sixty' }));
  expect(panels(html)).toHaveLength(6);
  expect(html).toContain('54 more fields: name them');
  for (const field of ['f00', 'f49', 'f50', 'f59']) {
    const named = await draw(widgetEvent({ devices: 'sixty', fields: field }));
    expect(panels(named)).toEqual([field]);
    expect(named).not.toContain('more field');
  }
  // Two devices with the same fields have no more of them together.
  await table.put(row('sixty-too', NOW - 5, fields));
  expect(await draw(widgetEvent({ devices: 'sixty, sixty-too' }))).toContain('54 more fields: name them');
});

test('what is not seen, or turns the direction of writing, is a dot', async () => {
  await table.put(row('hidden', NOW - 5, { 'a\u202e\u200b\ufeff': N(1) }));
  expect(panels(await draw(widgetEvent({ devices: 'hidden' })))).toEqual(['a···']);
});

const ATTACKS = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "'/><a href='javascript:1'>",
  '&lt;b&gt;',
];

test.each(ATTACKS)('neither a field nor a device nor the form gets markup in: %s', async (attack) => {
  await table.put(row(attack, NOW - 5, { [attack]: N(1) }));
  const html = await draw(
    widgetEvent({ devices: attack, fields: attack }, { forms: { all: { devices: [attack, 'x'], fields: [attack] } } }),
  );
  expect(panels(html)).toHaveLength(1);
  // No text reached an element or an attribute that is not the widget's own.
  const skeleton = html.replaceAll(/"[^"]*"/g, '""').replaceAll(/>[^<]+</g, '><');
  const names = [...skeleton.matchAll(/<([a-z-]+)/g)].map(([, name]) => name);
  expect([...new Set(names)].filter((name) => !ELEMENTS.includes(String(name)))).toEqual([]);
  expect(skeleton.replaceAll(/<\/?[a-z-]+( [a-zA-Z0-9-]+="")*>/g, '')).toBe('');
  expect(skeleton).not.toMatch(/ (on|href|src)[a-z]*=/);
});

const ELEMENTS = ['div', 'form', 'label', 'input', 'a', 'cwdb-action', 'svg', 'rect', 'text', 'line', 'path', 'circle'];
