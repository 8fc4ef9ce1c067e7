import type { Context } from 'aws-lambda';
import { type Chart, drawChart, MARGIN } from './chart.ts';
import { DESCRIPTION } from './description.ts';
import { devicesOf } from './devices.ts';
import { downsample, type Series } from './downsample.ts';
import { FORM_HEIGHT, notice, type Size, themeOf, withForm } from './frame.ts';
import { pagesOfReadings } from './readings.ts';
import { type ChartRequest, chartRequest, MOST_DEVICES, MOST_FIELDS, type WidgetEvent } from './request.ts';

/** A CloudWatch custom widget: answers HTML, with the curves of chosen devices and fields as SVG. */
export async function handler(event: WidgetEvent, context: Pick<Context, 'invokedFunctionArn'>): Promise<string> {
  if (event.describe) return DESCRIPTION;
  const request = chartRequest(event);
  const { devices, fields } = request;
  const chosen = { devices: devices.join(', '), fields: fields.join(', ') };
  return withForm(context.invokedFunctionArn, chosen, await picture(request));
}

async function picture(request: ChartRequest): Promise<string> {
  const { from, to, dark, width } = request;
  const size: Size = { width, height: Math.max(120, request.height - FORM_HEIGHT) };
  const theme = themeOf(dark);
  try {
    const all = request.devices.length > 0 ? request.devices : await devicesOf(siteStacks());
    if (all.length === 0) return notice(size, theme, 'There is no device yet.');
    const devices = all.slice(0, MOST_DEVICES);
    const more = remaining(all.length - devices.length, 'device');
    const table = process.env.TABLE_NAME ?? '';
    const columns = Math.max(1, width - MARGIN.left - MARGIN.right);
    const series = await Promise.all(
      devices.map(async (device) =>
        downsample(pagesOfReadings(table, { device, from, to }), { from, to }, { columns, names: request.fields }),
      ),
    );
    const chart = chartOf(
      { ...request, devices },
      more,
      new Map(devices.map((device, index) => [device, series[index] as Series])),
    );
    if (chart.panels.length > 0) return drawChart(chart, size, theme);
    return notice(size, theme, `No numbers of ${devices.join(', ')} in this span of time.`, ...chart.remarks);
  } catch (error) {
    console.error(error);
    const { name, message } = error as Error;
    return notice(size, theme, 'The curves could not be drawn.', `${name}: ${message}`);
  }
}

/** The stacks of all sites, from the environment. */
function siteStacks(): string[] {
  return JSON.parse(process.env.SITE_STACKS ?? '[]') as string[];
}

function chartOf(
  { devices, fields, from, to, offset }: ChartRequest,
  more: readonly string[],
  series: ReadonlyMap<string, Series>,
): Chart {
  const sent = [...new Set([...series.values()].flatMap((one) => [...one.fields.keys()]))];
  const others = new Set([...series.values()].flatMap((one) => [...one.others]));
  const shown = fields.length > 0 ? fields.filter((field) => sent.includes(field)) : sent.slice(0, MOST_FIELDS);
  return {
    devices,
    panels: shown.map((field) => ({
      field,
      curves: new Map(
        [...series].flatMap(([device, one]) => {
          const points = one.fields.get(field);
          return points === undefined ? [] : [[device, points] as const];
        }),
      ),
    })),
    from,
    to,
    offset,
    remarks: [
      ...more,
      ...(fields.length === 0 ? remaining(new Set([...sent, ...others]).size - shown.length, 'field') : []),
      ...fields.filter((field) => !sent.includes(field)).map((field) => `no ${field}`),
      ...[...series].flatMap(([device, { cutAt }]) =>
        cutAt === undefined ? [] : [`${device}: too many rows before ${new Date(cutAt).toISOString()}`],
      ),
    ],
  };
}

function remaining(count: number, what: string): string[] {
  if (count === 0) return [];
  return [count === 1 ? `1 more ${what}: name it` : `${count} more ${what}s: name them`];
}
