import { BatchWriteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { chromium } from 'playwright-core';
import { telemetryDeployment } from '../../cli/aws/deployment.ts';
import { fleetDevice } from '../../cli/fleet/fleet-device.ts';
import { readIdentity } from '../../cli/secrets/identity.ts';
import type { Row } from '../../cli/rows/time-series.ts';
import { startPageServer } from '../../cli/web/server.ts';
import { EXECUTABLE } from '../lambda/chart-widget/chromium.ts';
import { board, connected } from '../../testing/cloud/board.ts';
import { startDeployment } from '../../testing/cloud/deployment.ts';

/* `npm run page-picture`: the picture of the page that the README shows, of a real deployment with a board that is connected. */

const FILE = 'docs/page.png';
const DEVICE = 'kitchen-sensor';
const MINUTE = 60_000;

const deployment = await startDeployment();
Object.assign(process.env, deployment.cloud.environment);
try {
  const { code, stderr } = await deployment.cdk('deploy', '--all', '--require-approval', 'never');
  if (code !== 0) throw new Error(stderr);
  await fillTable();
  const { certificatePem: cert = '', privateKeyPem: key = '' } =
    (await readIdentity(fleetDevice(deployment.which, DEVICE))) ?? {};
  const client = board(deployment.cloud.mqttPort, DEVICE, { cert, key, ca: deployment.cloud.rootCaPem });
  await connected(client);
  const server = await startPageServer(deployment.which, 0);
  const browser = await chromium.launch({ executablePath: EXECUTABLE, args: ['--no-sandbox'] });
  const page = await browser.newPage({ viewport: { width: 1180, height: 860 }, colorScheme: 'light' });
  await page.goto(`${server.link}#/device/${DEVICE}`);
  await page.getByText('6 h', { exact: true }).click();
  await page.getByText('1008 to 1015').waitFor();
  await page.locator('.messages li').first().waitFor();
  await page.mouse.move(0, 0);
  await page.screenshot({ path: FILE, animations: 'disabled' });
  await browser.close();
  await server.close();
  await client.endAsync(true);
  console.log(FILE);
} finally {
  await deployment.close();
}

/** Six hours of a kitchen: bread in the oven, and a window that was opened. */
async function fillTable(): Promise<void> {
  const { table } = await telemetryDeployment(deployment.which.names);
  const dynamoDB = new DynamoDBClient(deployment.client);
  const now = Date.now();
  const rows = Array.from({ length: 720 }, (_, index) => rowAt(now - index * 0.5 * MINUTE, 1 - index / 720));
  while (rows.length > 0) {
    const requests = rows.splice(0, 25).map((Item) => ({ PutRequest: { Item: { ...Item } } }));
    await dynamoDB.send(new BatchWriteItemCommand({ RequestItems: { [table]: requests } }));
  }
}

function rowAt(time: number, part: number): Row {
  const received = Math.round(time);
  const oven = Math.exp(-(((part - 0.45) / 0.12) ** 2));
  const window = part > 0.7 && part < 0.78 ? 1 : 0;
  const noise = (size: number, seed: number) => size * Math.sin(part * 997 * seed) * Math.cos(part * 661 * seed);
  return {
    device: { S: DEVICE },
    arrival: { S: `${received}#picture` },
    received: { N: String(received) },
    full_topic: { S: `rtjm/${DEVICE}/telemetry` },
    temperature: { N: (20.4 + 3.6 * oven - 1.8 * window + noise(0.12, 1)).toFixed(1) },
    humidity: { N: Math.round(44 - 6 * oven + 9 * window + noise(0.9, 2)).toFixed(0) },
    pressure: { N: (1008 + 7 * part ** 1.5).toFixed(1) },
    light: { BOOL: part > 0.3 },
  };
}
