import { expect, test } from 'vitest';
import { deploymentOf } from '../../../cli/cost/deployment.ts';
import type { Assembly } from '../../../cli/review/assembly.ts';
import { compare } from '../../../cli/review/compare.ts';
import { markdown } from '../../../cli/review/markdown.ts';
import { reportOf } from '../../../cli/review/report.ts';
import { parseDeviceList } from '../../../lib/fleet/device-list.ts';
import { assemblyOf, type Devices, edited } from './assemblies.ts';

/* What a review says of a site whose devices are a list. */

const HEAD = 'name,board,generation,revoked\n';
const empty = assemblyOf({ meters: [] });

/** A side whose site `meters` has this list. @param topic what its devices may publish to */
function side(lines: string, topic = '${iot:Connection.Thing.ThingName}/*'): Assembly {
  const stack = 'fleet-site-meters';
  const changed = edited(empty, stack, (resources) => {
    const Resource = `arn:aws:iot:us-east-1:111122223333:topic/rtjm/${topic}`;
    const PolicyDocument = { Statement: [{ Sid: 'Publish', Effect: 'Allow', Action: 'iot:Publish', Resource }] };
    resources.Policy = { Type: 'AWS::IoT::Policy', Properties: { PolicyName: 'Devices-meters', PolicyDocument } };
    resources.List = { Type: 'Custom::DeviceList', Properties: { hash: lines } };
  });
  const { template, paths } = changed.stacks.get(stack) ?? empty.stacks.values().next().value ?? fail();
  const lists = new Map([['List', parseDeviceList(HEAD + lines, 'meters.csv')]]);
  return { ...changed, stacks: new Map(changed.stacks).set(stack, { template, paths, lists }) };
}

function fail(): never {
  throw new Error('there is no such stack');
}

function review(before: Assembly, after: Assembly): string {
  const deployment = deploymentOf(after, undefined);
  const cost = { traffic: { interval: 60_000, bytes: 200 }, before: 1, after: 1, deployment };
  return markdown(reportOf({ base: { ref: 'main', commit: '' }, ...compare(before, after), cost }));
}

test('each line that came, went, was revoked, or is to have another key, and nothing else', () => {
  const text = review(
    side('stays,esp32,,\ngoes,esp32,,\nstolen,esp32,,\nrotates,esp32,1,\nother-chip,esp32,,\nback,esp32,,true\n'),
    side('stolen,esp32,,true\nstays,esp32,,\nrotates,esp32,2,\nother-chip,esp8266,,\nback,esp32,2,\nnew,esp32,,\n'),
  );
  expect(text.split('\n\n').slice(0, -1)).toEqual([
    '## Fleet review: 2 irreversible changes',
    'Changes: devices; compared with `main`.',
    '### Irreversible',
    '- **deleted** `goes` (meters): its certificates go; the board cannot connect any more\n' +
      '- **revoked** `stolen` (meters): final: no deployment and no rollback makes the certificate valid again',
    '### Devices',
    [
      '- **added** `new` to meters (a changed name is a new device with a new key); once deployed, it waits for its board: `bin/fleet enrol new`',
      '- **removed** `goes` from meters',
      '- **revoked** `stolen` in meters',
      '- **re-keyed** `back` in meters: generations 1 → 2; the identity before stays REVOKED, and the board needs the new one',
      '- **re-keyed** `rotates` in meters: generations 1 → 2; its board makes a new key, and works on with the one before until then',
      '- **changed** `other-chip` in meters: board esp32 → esp8266',
    ].join('\n'),
  ]);
  expect(text).toContain('\n\nSites: meters 6 devices, ');
});

test('the order of the lines is for their readers', () => {
  expect(compare(side('a,esp32,,\nb,esp32,,\n'), side('b,esp32,,\na,esp32,1,\n'))).toMatchObject({
    dangers: [],
    devices: { added: [], removed: [], revoked: [], rekeyed: [], moved: [], other: [] },
    resources: [],
  });
});

test('what their policy allows from now on is said once', () => {
  const lines = 'a,esp32,,\nb,esp32,,\n';
  const { policies, resources } = compare(side(lines), side(lines, '*'));
  expect(policies).toMatchObject([{ devices: ['a', 'b'], changes: [{ may: 'now', action: 'iot:Publish' }] }]);
  expect(policies[0]?.changes[0]?.example).toBe('topic/rtjm/<another device>/telemetry');
  expect(resources).toEqual([]);
});

test.each<[string, Devices[number]]>([
  ['deployment', 'a'],
  ['board', { name: 'a', enrols: true }],
])('a device comes into a list, whose key was made by the %s: it loses that', (maker, device) => {
  const text = review(assemblyOf({ meters: [device] }), side('a,esp32,,\n'));
  expect(text).toContain(
    '- **re-keyed** `a` (meters): its certificates are deleted; the board cannot connect until it has the new one',
  );
  expect(text).toContain(
    `- **re-keyed** \`a\` in meters: key made by the ${maker} → board (in a list); once deployed,`,
  );
});

test('10,000 lines: counts and the first ones, which a comment of GitHub holds', () => {
  const lines = (rest: string, count = 10_000) =>
    Array.from({ length: count }, (_, index) => `meter-${String(index).padStart(5, '0')},esp32,${rest}\n`).join('');
  const all = side(lines(','));
  const texts = [review(empty, all), review(all, side(lines(',true'))), review(all, side(lines(',', 1_000)))];
  const [came = '', revoked = '', went = ''] = texts;
  for (const text of texts) expect(text.length).toBeLessThan(65_536);
  const first = '10,000 devices (`meter-00000`, `meter-00001`, `meter-00002`, ...)';
  expect(came).toContain(`- **added** ${first} to meters; once deployed`);
  expect(revoked).toContain(`- **revoked** ${first} in meters`);
  expect(revoked).toContain('## Fleet review: 10000 irreversible changes\n');
  expect(revoked).toMatch(/- \*\*revoked\*\* `meter-00000`, .* and 9,980 more \(meters\): final/);
  expect(went).toMatch(/- \*\*deleted\*\* `meter-01000`, .* and 8,980 more \(meters\): its certificates go/);
});

test('of some hundreds what is irreversible names each, and what is not the first ones', () => {
  const lines = Array.from({ length: 300 }, (_, index) => `m-${100 + index},esp32,,\n`).join('');
  const [came, went] = [review(empty, side(lines)), review(side(lines), empty)];
  expect(came).toContain('- **added** 300 devices (`m-100`, `m-101`, `m-102`, ...) to meters; once deployed');
  expect(went).toMatch(/- \*\*deleted\*\* `m-100`, (`m-\d+`, ){298}`m-\d+` \(meters\)/);
  expect(review(side(lines), side(lines, '*'))).toContain(
    '- 300 devices (`m-100`, `m-101`, `m-102`, ...) **may now** publish',
  );
});

test('they count in what the fleet costs, unless they are revoked', () => {
  expect(deploymentOf(side('a,esp32,,\nb,esp32,,true\nc,esp32,,\n'), undefined).devices).toBe(2);
});
