import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Chart, COLOURS, drawChart, MARGIN } from '../../../lambda/chart-widget/chart.ts';
import { notice, themeOf } from '../../../lambda/chart-widget/frame.ts';
import { boxes, canDraw, EXECUTABLE, screenshot } from './chromium.ts';
import { NOW } from './event.ts';

const SIZE = { width: 640, height: 320 };
const LIGHT = themeOf(false);
const HOUR = 3_600_000;
const FROM = NOW - 24 * HOUR;

/** One curve rises from 0 to 10 through the span, the other one stays at 5. */
const CHART: Chart = {
  devices: ['rising', 'level'],
  panels: [
    {
      field: 'temperature',
      curves: new Map([
        ['rising', curve((part) => 10 * part)],
        ['level', curve(() => 5)],
      ]),
    },
  ],
  from: FROM,
  to: NOW,
  offset: '+02:00',
  remarks: ['no humidity'],
};

function curve(value: (part: number) => number) {
  return Array.from({ length: 101 }, (_, index) => ({
    time: FROM + (index / 100) * 24 * HOUR,
    value: value(index / 100),
  }));
}

/** The plot: left and right, and the heights of 0 and 10. */
const [left, right] = [MARGIN.left, SIZE.width - MARGIN.right];
const [zero, ten] = [SIZE.height - MARGIN.bottom, MARGIN.top + 20];
const spot = (part: number, value: number): [number, number] => [
  Math.round(left + part * (right - left)),
  Math.round(zero + (value / 10) * (ten - zero)),
];

describe.runIf(canDraw())('in Chromium', { timeout: 120_000 }, () => {
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: EXECUTABLE, args: ['--no-sandbox'] });
    page = await browser.newPage();
  });
  afterAll(() => browser?.close());

  test('each curve has its colour where its values are, and nowhere else', async () => {
    const picture = await screenshot(page, drawChart(CHART, SIZE, LIGHT), SIZE);
    expect([picture.width, picture.height]).toEqual([SIZE.width, SIZE.height]);
    const isThere = (colour: string | undefined, [x, y]: [number, number]) =>
      [-1, 0, 1].some((dy) => [-1, 0, 1].some((dx) => isNear(picture.at(x + dx, y + dy), String(colour))));
    const [blue, orange] = COLOURS;
    for (const part of [0.1, 0.25, 0.4, 0.6, 0.75, 0.9]) {
      expect(isThere(blue, spot(part, 10 * part))).toBe(true);
      expect(isThere(blue, spot(part, 10 - 10 * part))).toBe(false);
      expect(isThere(orange, spot(part, 5))).toBe(true);
      expect(isThere(orange, spot(part, 8))).toBe(false);
    }
    // The legend.
    expect(picture.at(left + 6, 11)).toBe(blue);
    expect(picture.at(left + 6 + (right - left) / 2, 11)).toBe(orange);
  });

  test('the axes say values, times of the clock that people look at, and units', async () => {
    const texts = (await boxes(page, drawChart(CHART, SIZE, LIGHT), 'svg text')).map(({ text }) => text);
    expect(texts).toEqual(expect.arrayContaining(['temperature', 'rising', 'level', 'no humidity', '0', '10']));
    // NOW is 14:00 UTC.
    expect(texts).toEqual(expect.arrayContaining(['18:00', '00:00', 'hh:mm, UTC+02:00']));
  });

  test.each([
    ['a chart', drawChart(CHART, SIZE, LIGHT)],
    ['long names, wide characters and huge numbers', drawChart(crowded(), SIZE, LIGHT)],
    ['a small widget', drawChart(crowded(), { width: 260, height: 200 }, LIGHT)],
    ['a notice', notice(SIZE, LIGHT, 'The time-series could not be read.', `Error: ${'long '.repeat(80)}`)],
  ])('no text of %s reaches out of its frame', async (_, picture) => {
    const [frame, ...texts] = await boxes(page, picture, 'svg, svg text');
    const { left, top, right, bottom } = frame?.box ?? { left: 0, top: 0, right: 0, bottom: 0 };
    expect(texts.length).toBeGreaterThan(1);
    const outside = texts.filter(
      ({ text, box }) => text && (box.left < left || box.right > right || box.top < top || box.bottom > bottom),
    );
    expect(outside).toEqual([]);
  });
});

function crowded(): Chart {
  const devices = Array.from({ length: 8 }, (_, index) => `${index}-${'a-long-name'.repeat(5)}`);
  const fields = ['温度センサー🌡'.repeat(20), 'W'.repeat(200), 'x'];
  const values = [1e-12, -1e300, 123_456_789.123];
  return {
    devices,
    panels: fields.map((field, index) => ({
      field,
      curves: new Map(devices.map((device) => [device, [{ time: NOW - HOUR, value: values[index] ?? 0 }]])),
    })),
    from: NOW - 40 * 24 * HOUR,
    to: NOW,
    offset: '-03:30',
    remarks: fields.map((field) => `no ${field}`),
  };
}

/** Whether two colours are about the same: a curve is smoothed at its edges, which is most of it. */
function isNear(one: string, other: string): boolean {
  const channels = (colour: string) => [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  const [a, b] = [channels(one), channels(other)];
  return a.every((value, index) => Math.abs(value - (b[index] ?? 0)) < 70);
}
