import { expect, test } from 'vitest';
import { chartRequest } from '../../../lambda/chart-widget/request.ts';
import { NOW, widgetEvent } from './event.ts';

test('the parameters, as a list or as text with commas, and what the dashboard shows', () => {
  const request = {
    devices: ['shed', 'attic'],
    fields: ['temperature'],
    from: NOW - 86_400_000,
    to: NOW,
    dark: false,
    offset: '+00:00',
    width: 800,
    height: 400,
  };
  expect(chartRequest(widgetEvent({ devices: ' shed, attic,shed,', fields: 'temperature' }))).toEqual(request);
  expect(chartRequest(widgetEvent({ devices: ['shed', 'attic'], fields: ['temperature'] }))).toEqual(request);
});

test('what someone typed into the form goes before the parameters, as long as it is there', () => {
  const forms = (all: Record<string, unknown>) =>
    chartRequest(widgetEvent({ devices: 'shed', fields: 'temperature' }, { forms: { all } }));
  expect(forms({ devices: 'attic', fields: 'co2' })).toMatchObject({ devices: ['attic'], fields: ['co2'] });
  expect(forms({ devices: '', fields: ' ' })).toMatchObject({ devices: ['shed'], fields: ['temperature'] });
});

test('a call from the form brings no parameters of its own; those of the widget stand in its context', () => {
  const { widgetContext } = widgetEvent({ devices: 'shed' });
  expect(chartRequest({ widgetContext })).toMatchObject({ devices: ['shed'] });
});

test('a zoomed graph, a dark theme, a clock of another zone', () => {
  const timeRange = { start: 1, end: 9, zoom: { start: 3, end: 4 } };
  const context = { timeRange, theme: 'dark', timezone: { offsetISO: '-03:30' } };
  expect(chartRequest(widgetEvent({}, context))).toMatchObject({ from: 3, to: 4, dark: true, offset: '-03:30' });
  expect(chartRequest(widgetEvent({}, { timezone: { offsetISO: '"><script>' } }))).toMatchObject({ offset: '+00:00' });
});

test('no more names than there are colours and room for', () => {
  const many = Array.from({ length: 50 }, (_, index) => `n${index}`);
  const { devices, fields } = chartRequest(widgetEvent({ devices: many, fields: many.join() }));
  expect([devices.length, fields.length]).toEqual([8, 6]);
  expect(chartRequest(widgetEvent({ devices: 7, fields: { a: 1 } }))).toMatchObject({ devices: [], fields: [] });
});

test('what does not come from a dashboard is refused', () => {
  expect(() => chartRequest({})).toThrow('CloudWatch did not send a widgetContext');
});
