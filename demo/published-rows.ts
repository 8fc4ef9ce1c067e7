import { setTimeout } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { timeSeries, type TimeSeries } from '../cli/aws/deployment.ts';
import { pagesOfRows, type Row } from '../cli/rows/time-series.ts';
import type { FleetNames } from '../lib/fleet/names.ts';
import { CliError } from '../cli/terminal/cli-error.ts';
import { fieldsOf, rowJson } from '../cli/rows/row-text.ts';
import type { Message, SimulatedDevice } from './simulated-device.ts';

const TIME_LIMIT_MS = 10_000;
const POLL_MS = 50;

/**
 * Has every device publish some messages, and finds their rows.
 *
 * @returns the rows, device by device, the oldest first
 * @throws {CliError} when a row is missing, or is not the message with the stamps of the broker
 */
export async function publishedRows(
  names: FleetNames,
  devices: readonly SimulatedDevice[],
  messagesEach: number,
): Promise<Row[]> {
  const series = await timeSeries(names);
  const rows = await Promise.all(devices.map((device) => rowsOfNewMessages(series, device, messagesEach)));
  return rows.flat();
}

async function rowsOfNewMessages(series: TimeSeries, device: SimulatedDevice, count: number): Promise<Row[]> {
  const since = Date.now();
  const messages: Message[] = [];
  while (messages.length < count) messages.push(await device.publish());

  const deadline = Date.now() + TIME_LIMIT_MS;
  for (;;) {
    const rows: Row[] = [];
    for await (const page of pagesOfRows(series, device.name, { since })) rows.push(...page);
    if (rows.length >= count) {
      rows.forEach((row, index) => check(row, messages[index], since));
      return rows;
    }
    if (Date.now() > deadline) {
      throw new CliError(`${device.name} published ${count} messages, but only ${rows.length} rows came of them`);
    }
    await setTimeout(POLL_MS);
  }
}

/** Broker and device share a clock here, so the stamp lies between the time before and the time after. */
function check(row: Row, message: Message | undefined, since: number): void {
  const sent = JSON.parse(rowJson(row)) as Record<string, unknown>;
  const payload = Object.fromEntries(fieldsOf(row).map((field) => [field, sent[field]]));
  const received = Number(sent.received);
  const isStamped = sent.full_topic === message?.topic && received >= since && received <= Date.now();
  if (!isStamped || !isDeepStrictEqual(payload, message?.payload)) {
    throw new CliError(`a row is not what was sent: ${rowJson(row)} for ${JSON.stringify(message)}`);
  }
}
