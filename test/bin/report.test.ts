import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { refusalsIn } from '../../demo/refusals.ts';
import { Report } from '../../demo/report.ts';

/** What a terminal of 80 columns gets. */
async function shown(tell: (report: Report) => Promise<void>): Promise<string[]> {
  const stdout = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  const written = text(stdout);
  await tell(new Report({ stdin: new PassThrough(), stdout, stderr: new PassThrough() }));
  stdout.end();
  return stripVTControlCharacters(await written)
    .trimEnd()
    .split('\n');
}

test('the rows of --once fit a terminal of 80 columns, indented, and every word is whole', async () => {
  const head = ['device', 'received', 'full_topic', 'humidity', 'temperature'];
  const row = ['kitchen-sensor', '2026-01-31 12:00:00.000', 'rtjm/kitchen-sensor/telemetry', '45', '21.5'];
  const lines = await shown((report) => report.showTable(head, [row, row], ['device']));
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  for (const line of lines) expect(line).toMatch(/^ {4}\S|^ {4} +\S/);
  for (const word of row.slice(1).flatMap((cell) => cell.split(' '))) expect(lines.join('\n')).toContain(word);
});

test('long lines and titles go on below', async () => {
  const line =
    `refused iot:Connect on arn:aws:iot:us-east-1:000000000000:client/kitchen by ${'kitchen '.repeat(9)}`.trim();
  const lines = await shown(async (report) => {
    await report.show(line);
    await report.done(`nothing is left: ${'table '.repeat(12)}`.trim(), performance.now());
  });
  expect(Math.max(...lines.map((each) => each.length))).toBeLessThanOrEqual(80);
  expect(lines[0]).toMatch(/^ {4}refused/);
});

test('what the broker refuses goes on below, and no client steers the terminal', async () => {
  const stderr = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  const written = text(stderr);
  const resource = 'arn:aws:iot:us-east-1:000000000000:topic/rtjm/garage-door/telemetry\u001b[2J';
  refusalsIn({ stderr }).refused({ who: 'a client', action: 'iot:Publish', resource, why: 'no statement allows it' });
  stderr.end();
  expect(stripVTControlCharacters(await written)).toBe(
    'refused iot:Publish on\n' +
      '    arn:aws:iot:us-east-1:000000000000:topic/rtjm/garage-door/telemetry\\u001b[2J\n' +
      '    by a client: no statement allows it\n',
  );
});
