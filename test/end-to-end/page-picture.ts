import { BatchWriteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { MqttClient } from 'mqtt';
import type { Page } from 'playwright-core';
import { telemetryDeployment } from '../../cli/aws/deployment.ts';
import { fleetDevice } from '../../cli/fleet/fleet-device.ts';
import { readIdentity } from '../../cli/secrets/identity.ts';
import type { Row } from '../../cli/rows/time-series.ts';
import { board, connected } from '../../testing/cloud/board.ts';
import type { OperatedFleet } from '../../testing/cloud/deployment.ts';

/* The picture of the page that the README shows: of a deployment with a board that is connected, and six hours of its rows. */

export const PICTURE = 'docs/page.png';

/** What the picture showed when it was taken, as {@link shownOn} has it. */
export const SHOWN = 'test/snapshots/page-picture.txt';

const MINUTE = 60_000;

/** Connects the board of a device that has {@link rowAt} behind it. */
export async function readyForPicture(deployment: OperatedFleet, device: string): Promise<MqttClient> {
  const { table } = await telemetryDeployment(deployment.which.names);
  const dynamoDB = new DynamoDBClient(deployment.client);
  const now = Date.now();
  const rows = Array.from({ length: 720 }, (_, index) => rowAt(device, now - index * 0.5 * MINUTE, 1 - index / 720));
  while (rows.length > 0) {
    const requests = rows.splice(0, 25).map((Item) => ({ PutRequest: { Item: { ...Item } } }));
    await dynamoDB.send(new BatchWriteItemCommand({ RequestItems: { [table]: requests } }));
  }
  const identity = await readIdentity(fleetDevice(deployment.which, device));
  const { certificatePem: cert = '', privateKeyPem: key = '' } = identity ?? {};
  const client = board(deployment.cloud.mqttPort, device, { cert, key, ca: deployment.cloud.rootCaPem });
  await connected(client);
  return client;
}

/** Opens what the picture shows. @param link of the page */
export async function showPicture(page: Page, link: string, device: string): Promise<void> {
  await page.goto(`${link}#/device/${device}`);
  await page.getByText('6 h', { exact: true }).click();
  await page.getByText('1008 to 1015').waitFor();
  await page.locator('.messages li').first().waitFor();
  await page.locator('.chip', { hasText: /^connected$/ }).waitFor();
  await page.mouse.move(0, 0);
}

/**
 * What a reader of the device's page meets, without what differs from day to day: numbers, times, ids. And of which style sheet
 * and which picture that is, so that neither changes without the other.
 */
export async function shownOn(page: Page, device: string): Promise<string> {
  const main = await page.locator('main').ariaSnapshot();
  const words = main
    .replaceAll(device, 'DEVICE')
    .replaceAll(/\b[0-9a-f]{8}\b/g, '#')
    .replaceAll(/\d+([.:-]\d+)*/g, '#')
    .replaceAll(/# (s|min) ago/g, '# ago')
    // Which of the messages there are is a matter of how many rows came while it was taken.
    .replaceAll(/(^ *- listitem:?.*\n(?: +- .*\n)*?)(?:\1)+/gm, '$1');
  return [`style.css ${digestOf('web/style.css')}`, `page.png ${digestOf(PICTURE)}`, words, ''].join('\n');
}

function digestOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 16);
}

/** Six hours of a kitchen: bread in the oven, and a window that was opened. */
function rowAt(device: string, time: number, part: number): Row {
  const received = Math.round(time);
  const oven = Math.exp(-(((part - 0.45) / 0.12) ** 2));
  const window = part > 0.7 && part < 0.78 ? 1 : 0;
  const noise = (size: number, seed: number) => size * Math.sin(part * 997 * seed) * Math.cos(part * 661 * seed);
  return {
    device: { S: device },
    arrival: { S: `${received}#picture` },
    received: { N: String(received) },
    full_topic: { S: `rtjm/${device}/telemetry` },
    temperature: { N: (20.4 + 3.6 * oven - 1.8 * window + noise(0.12, 1)).toFixed(1) },
    humidity: { N: Math.round(44 - 6 * oven + 9 * window + noise(0.9, 2)).toFixed(0) },
    pressure: { N: (1008 + 7 * part ** 1.5).toFixed(1) },
    light: { BOOL: part > 0.3 },
  };
}
