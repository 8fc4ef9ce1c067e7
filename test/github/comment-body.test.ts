import { expect, test } from 'vitest';
import { commentBody } from '../../.github/scripts/comment-body.ts';

const REVIEWED = { commit: '0123abc', link: 'https://github.com/o/r/actions/runs/1/artifacts/2' };

const section = (title: string, lines = 1) => `### ${title}\n\n${'- a line of it\n'.repeat(lines).trimEnd()}`;
const folded = (title: string, lines = 1) =>
  `<details><summary><b>${title}</b></summary>\n\n${'- a line of it\n'.repeat(lines).trimEnd()}\n\n</details>`;

test('a report that fits stands as it is, below the marker and above the commit and the link', () => {
  const report = ['## A review', section('Danger'), folded('Devices')].join('\n\n');
  expect(commentBody(`${report}\n`, REVIEWED)).toBe(
    `<!-- esp-fleet: review -->\n\n${report}\n\n<sub>0123abc · [whole report and templates](${REVIEWED.link})</sub>`,
  );
});

test('what is too long loses its folded sections first, from the end, and says how many and where they are', () => {
  const report = [
    '## A review',
    section('Danger', 1000),
    folded('Devices', 1000),
    folded('Cost', 2000),
    section('Policies', 1000),
  ];
  const body = commentBody(report.join('\n\n'), REVIEWED);
  expect(body.length).toBeLessThanOrEqual(65_536);
  expect(body.match(/### \w+|<b>\w+/g)).toEqual(['### Danger', '<b>Devices', '### Policies']);
  expect(body).toContain(`**1 more sections did not fit in here: see the [whole report](${REVIEWED.link}).**`);
});

test('the first section is never cut', () => {
  const report = ['## A review', section('Danger', 4000), section('Devices', 4000), folded('Cost', 10)].join('\n\n');
  const body = commentBody(report, REVIEWED);
  expect(body).toContain(section('Danger', 4000));
  expect(body).toContain('**2 more sections');
  expect(() => commentBody(['## A review', section('Danger', 5000)].join('\n\n'), REVIEWED)).toThrow(REVIEWED.link);
});
