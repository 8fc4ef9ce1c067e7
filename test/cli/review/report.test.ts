import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { loadSelectRow } from '../../../bin/select-row.ts';
import { compare } from '../../../cli/review/compare.ts';
import { deploymentOf } from '../../../cli/cost/deployment.ts';
import { markdown } from '../../../cli/review/markdown.ts';
import { plainText } from '../../../cli/review/plain-text.ts';
import { reportOf, type Review } from '../../../cli/review/report.ts';
import { assemblyOf, edited, resourceOf } from './assemblies.ts';

const GITHUB_LIMIT = 65_536;

function reviewOf(base: ReturnType<typeof assemblyOf>, head: typeof base, more: Partial<Review> = {}): Review {
  return {
    base: { ref: 'main', commit: '' },
    ...compare(base, head),
    cost: {
      traffic: { interval: 60_000, bytes: 200 },
      before: 1.2,
      after: 1.2,
      deployment: deploymentOf(head, undefined),
    },
    ...more,
  };
}

const home = assemblyOf({ home: ['attic', 'shed'] });

test('nothing changes: a title, a sentence, and the room that is left', () => {
  expect(markdown(reportOf(reviewOf(home, home)))).toBe(
    [
      '## Fleet review: nothing irreversible',
      'Nothing that is deployed changes; compared with `main`.',
      'Sites: home 2 devices, 10 resources (490 left).',
    ].join('\n\n'),
  );
});

test('a device added: that device, in Markdown and in a terminal', () => {
  const report = reportOf(reviewOf(home, assemblyOf({ home: ['attic', 'shed', 'vault'] })));
  expect(markdown(report)).toContain('\n\n### Devices\n\n- **added** `vault` to home\n\nSites: home 3 devices');
  expect(plainText(new PassThrough(), report)).toContain('\n\nDevices\n  added vault to home\n\nSites: home 3 devices');
});

test('160 devices, 40 of them removed, revoked, rotated and widened: a comment holds it, dangers in full and unfolded', () => {
  const names = Array.from({ length: 160 }, (_, index) =>
    `${'sensor-in-a-room-with-a-long-name-'.repeat(2)}${index + 100}`.slice(-64),
  );
  const base = assemblyOf({ home: names });
  const head = edited(
    assemblyOf({
      home: names.slice(10).map((name, index) => ({
        name,
        ...(index < 10 && { revoked: true }),
        ...(index >= 10 &&
          index < 20 && { generations: [1, index].map((number) => ({ number, keyType: 'ec' as const })) }),
      })),
    }),
    'fleet-site-home',
    (resources) => {
      const policies = Object.values(resources).filter(({ Type }) => Type === 'AWS::IoT::Policy');
      policies.slice(-10).forEach(({ Properties: { PolicyDocument } }, index) => {
        const [, publish] = (PolicyDocument as { Statement: { Resource: string }[] }).Statement;
        if (publish) publish.Resource = `arn:aws:iot:us-east-1:111122223333:topic/weather/${index}/*`;
      });
    },
  );
  const text = markdown(reportOf(reviewOf(base, head)));
  expect(text.length).toBeLessThan(GITHUB_LIMIT);
  const [unfolded = ''] = text.split('<details>');
  for (const name of names.slice(0, 20)) expect(unfolded).toContain(name);
  expect(text.startsWith('## Fleet review: 20 irreversible changes\n')).toBe(true);
  expect(text).toContain('<details><summary><b>What devices may do</b> (20)</summary>');
});

test('what someone wrote cannot make headings, tables, HTML or notifications', () => {
  const reason = '# <b>@everyone</b> | `code` *now*\n## second';
  const acknowledgements = { added: [{ rule: 'a`b``c', construct: 'd', reason }], removed: [] };
  const text = markdown(reportOf(reviewOf(home, home, { acknowledgements })));
  expect(text).toContain(
    '- **new suppression** of ``` a`b``c ``` at `d`: # \\<b\\>@&#8203;everyone\\</b\\> \\| \\`code\\` \\*now\\* ## second\n',
  );
});

test('in a terminal, control characters are spelt out', () => {
  const acknowledgements = { added: [{ rule: 'r', construct: 'd', reason: 'red \u001b[31m' }], removed: [] };
  const text = plainText(new PassThrough(), reportOf(reviewOf(home, home, { acknowledgements })));
  expect(text).toContain('red \\u001b[31m');
});

test('a block is fenced by more backticks than it holds', () => {
  const head = edited(home, 'fleet-telemetry', (resources) => {
    const payload = resourceOf(resources, 'AWS::IoT::TopicRule', 'Rule').Properties.TopicRulePayload as { Sql: string };
    payload.Sql = "SELECT '```' FROM 'rtjm/#'";
  });
  expect(markdown(reportOf(reviewOf(home, head)))).toMatch(
    /\n {2}````diff\n {2}- SELECT \*,\n[^]*\n {2}\+ SELECT '```'\n {2}\+ FROM 'rtjm\/#'\n {2}````\n/,
  );
});

test('of a statement and of the row it makes, what changes is marked and the rest stands around it', async () => {
  const head = edited(home, 'fleet-telemetry', (resources) => {
    const payload = resourceOf(resources, 'AWS::IoT::TopicRule', 'Rule').Properties.TopicRulePayload as { Sql: string };
    payload.Sql = payload.Sql.replace('topic(2) AS device', "'attic' AS device");
  });
  const review = { ...reviewOf(home, head), ...compare(home, head, await loadSelectRow()) };
  const text = markdown(reportOf(review));
  expect(text).toContain('\n    SELECT *,\n      timestamp() AS received,\n');
  expect(text).toContain("\n  -   topic(2) AS device,\n  +   'attic' AS device,\n");
  expect(text).toContain('\n      "temperature": 21.5,\n');
  expect(text).toContain('\n  -   "device": "kitchen-sensor",\n  +   "device": "attic",\n');
});

test('a block without a line above it is a block of its own, whose lines GitHub colours', () => {
  const head = edited(home, 'fleet-telemetry', (resources) => {
    const [policy] = resourceOf(resources, 'AWS::IAM::Role', 'RuleRole').Properties.Policies as [
      { PolicyDocument: { Statement: { Action: string }[] } },
    ];
    Object.assign(policy.PolicyDocument.Statement[0] ?? {}, { Action: 'dynamodb:*' });
  });
  expect(markdown(reportOf(reviewOf(home, head)))).toMatch(
    /\n\n### Access.*\n\n```diff\n- Allow .*dynamodb:PutItem on .*\n\+ Allow .*dynamodb:\* on .*\n```\n\n/,
  );
});

test('a statement has readable ARNs, and lines as wide as the terminal', () => {
  const bucket = { 'Fn::Sub': 'cdk-assets-${AWS::AccountId}-${AWS::Region}' };
  const arn = { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::', bucket, '/*.csv']] };
  const head = edited(home, 'fleet-telemetry', (resources) => {
    const [policy] = resourceOf(resources, 'AWS::IAM::Role', 'RuleRole').Properties.Policies as [
      { PolicyDocument: { Statement: object[] } },
    ];
    const Condition = { ArnLike: { 'aws:SourceArn': arn } };
    policy.PolicyDocument.Statement.push({ Effect: 'Allow', Action: 's3:GetObject', Resource: arn, Condition });
  });
  const report = reportOf(reviewOf(home, head));
  const shown = 'arn:${AWS::Partition}:s3:::cdk-assets-${AWS::AccountId}-${AWS::Region}/*.csv';
  expect(markdown(report)).toContain(`s3:GetObject on ${shown} if "ArnLike": { "aws:SourceArn": "${shown}" } (`);
  const text = stripVTControlCharacters(
    plainText(Object.assign(new PassThrough(), { isTTY: true, columns: 80 }), report),
  );
  expect(text.split('\n').filter((line) => line.length > 80 && / .* /.test(line.trim()))).toEqual([]);
  expect(text).toMatch(/\n {6}\+ Allow .*\n {10}\S/);
});

test('the cost is said where a cent changes, with what it takes for granted', () => {
  const { cost, ...review } = reviewOf(home, home);
  const text = markdown(reportOf({ ...review, cost: { ...cost, after: 0.95 } }));
  expect(text).toContain(
    '- `$1.20 → $0.95 (−$0.25)`\n- Every device is connected all the time and sends 200 bytes every 60 s;',
  );
  expect(text).toContain('Prices of us-east-1 as of November 2026');
});
