import { BatchWriteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SetV2LoggingOptionsCommand } from '@aws-sdk/client-iot';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { memoryLog, startCloud } from '@esp-fleet/local-cloud';
import type { MqttClient } from 'mqtt';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { iot } from '../../aws/clients.ts';
import { telemetryDeployment } from '../../cli/aws/deployment.ts';
import { fleetDevice } from '../../cli/fleet/fleet-device.ts';
import { readIdentity } from '../../cli/secrets/identity.ts';
import { type PageServer, startPageServer } from '../../cli/web/server.ts';
import { row } from '../cli/time-series-table.ts';
import { canDraw, EXECUTABLE } from '../lambda/chart-widget/chromium.ts';
import { board, connected, cutOff } from '../../testing/cloud/board.ts';
import { type Deployment, startDeployment } from '../../testing/cloud/deployment.ts';
import { readyForPicture, showPicture, SHOWN, shownOn } from './page-picture.ts';

/* The page of `fleet web` in a real browser, over a cloud with real boards. */

/** Waits for what the page comes to show. */
const soon = <T>(look: () => T) => expect.poll(look);

const FLEET_FILE = `devices:
  kitchen: { board: esp8266 }
  garage: { board: esp32 }
  shed: { board: esp32 }
  attic: { board: esp8266 }
`;

describe.runIf(canDraw('the page in Chromium'))('in Chromium', () => {
  let data: string;
  let deployment: Deployment;
  let server: PageServer;
  let browser: Browser;
  let page: Page;
  /** What the browser complains about: errors of the page, and what its policy keeps it from. */
  let complaints: string[];
  const boards: MqttClient[] = [];

  beforeAll(async () => {
    data = mkdtempSync(join(tmpdir(), 'page-'));
    deployment = await startDeployment({ data });
    for (const [name, value] of Object.entries(deployment.cloud.environment)) vi.stubEnv(name, value);
    deployment.writeSite('home', FLEET_FILE);
    const { code, stderr } = await deployment.cdk('deploy', '--all', '--require-approval', 'never');
    expect(code, stderr).toBe(0);
    const roleArn = 'arn:aws:iam::000000000000:role/logs';
    await iot.send(new SetV2LoggingOptionsCommand({ roleArn, defaultLogLevel: 'ERROR' }));
    server = await startPageServer(deployment.which, 0);
    browser = await chromium.launch({ executablePath: EXECUTABLE, args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await Promise.all(boards.map((one) => one.endAsync(true)));
    await browser?.close();
    await server?.close();
    await deployment?.close();
    vi.unstubAllEnvs();
    rmSync(data, { recursive: true, force: true, maxRetries: 5 });
  });

  beforeEach(async () => {
    page = await open();
  });
  afterEach(async () => {
    await page.context().close();
    expect(complaints).toEqual([]);
  });

  async function open(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const opened = await context.newPage();
    opened.setDefaultTimeout(30_000);
    complaints = [];
    opened.on('pageerror', ({ message }) => complaints.push(message));
    opened.on('dialog', (dialog) => complaints.push(`dialog: ${dialog.message()}`));
    opened.on('console', (message) => {
      // What Chromium itself says of a server that is away, for a while, is no complaint about the page.
      if (message.type() === 'error' && !/net::ERR|Failed to load resource/.test(message.text())) {
        complaints.push(message.text());
      }
    });
    await opened.goto(server.link);
    return opened;
  }

  const show = (device: string) => page.getByRole('link', { name: device, exact: true }).click();
  const chip = (text: string) => page.locator('main .chip', { hasText: new RegExp(`^${text}$`) });
  const newest = (field: string) => page.locator('.panel', { hasText: field }).locator('output');

  async function connect(device: string, port = deployment.cloud.mqttPort): Promise<MqttClient> {
    const identity = await readIdentity(fleetDevice(deployment.which, device));
    const pems = {
      cert: identity?.certificatePem ?? '',
      key: identity?.privateKeyPem ?? '',
      ca: deployment.cloud.rootCaPem,
    };
    const client = board(port, device, pems);
    boards.push(client);
    await connected(client);
    return client;
  }

  const publish = (client: MqttClient, payload: string | Buffer) =>
    client.publishAsync(`rtjm/${client.options.clientId}/telemetry`, payload, { qos: 1 });

  test('a row is there soon after its message, with its curve and its newest value', async () => {
    const kitchen = await connect('kitchen');
    await publish(kitchen, '{"temperature":20.5,"humidity":40}');
    await chip('connected').waitFor();
    await page.locator('.card', { hasText: 'kitchen' }).locator('.value', { hasText: '20.5' }).waitFor();
    await show('kitchen');
    await page.locator('.messages li').waitFor();

    const delays: number[] = [];
    for (let degrees = 21; degrees < 26; degrees++) {
      await publish(kitchen, JSON.stringify({ temperature: degrees }));
      const started = performance.now();
      await page.locator('.messages li', { hasText: `{"temperature":${degrees}}` }).waitFor();
      delays.push(performance.now() - started);
    }
    console.log(`rows are on the page ${delays.map(Math.round).join(', ')} ms after their messages were acknowledged`);
    await soon(() => newest('temperature').textContent()).toBe('25');
    expect(await newest('humidity').textContent()).toBe('40');
    expect((await page.evaluate<number[]>(drawnColumns('temperature'))).length).toBeGreaterThan(3);
  });

  test('the README shows the page as it is; npm run page-picture takes the picture anew', async () => {
    boards.push(await readyForPicture(deployment, 'attic'));
    await showPicture(page, server.link, 'attic');
    expect(await shownOn(page, 'attic')).toBe(readFileSync(SHOWN, 'utf8'));
  });

  test('a message, as it was sent and as it is stored', async () => {
    await show('kitchen');
    await page.locator('.messages button').last().click();
    const dialog = page.getByRole('dialog');
    await soon(() => dialog.locator('pre').textContent()).toBe('{"humidity":40,"temperature":20.5}');
    expect(await dialog.locator('tbody tr', { hasText: 'full_topic' }).textContent()).toBe(
      'full_topicstring"rtjm/kitchen/telemetry"',
    );
    await page.keyboard.press('Escape');
    expect(await dialog.count()).toBe(0);
  });

  test('what a device sends is text, whatever it is called', async () => {
    const garage = await connect('garage');
    const evil = '<img src=x onerror=alert(1)>';
    await show('garage');
    await publish(garage, JSON.stringify({ [evil]: 1, text: '</script><script>alert(2)</script>', toString: 3 }));
    await publish(garage, '{"__proto__":{"polluted":5},"constructor":6}');
    await publish(garage, Buffer.from([0xff, 0x00, 0x3c]));
    await publish(garage, '"<b>bold</b>"');
    await publish(garage, '');
    await soon(() => page.locator('.messages li').count()).toBe(5);
    const fields = page.locator('.panel .field');
    await expect
      .poll(() => fields.allTextContents())
      .toEqual(expect.arrayContaining([evil, 'toString', 'constructor']));
    expect(await page.locator('.messages').textContent()).toContain('</script><script>alert(2)</script>');
    expect(await page.locator('.messages').textContent()).toContain('ff003c');
    for (const line of await page.locator('.messages button').all()) {
      await line.click();
      await page.getByRole('dialog').locator('table').waitFor();
      await page.keyboard.press('Escape');
    }
    expect(await page.locator('main img, main b, main script, body > script').count()).toBe(1); // the page's own
    expect(await page.evaluate('({}).polluted')).toBeUndefined();
  });

  test('a command reaches the board, and the page says so', async () => {
    const kitchen = boards[0] as MqttClient;
    await kitchen.subscribeAsync('cmd/rtjm/kitchen/#', { qos: 1 });
    const arrived = new Promise<string>((resolve) => {
      kitchen.once('message', (topic, payload) => resolve(`${topic} ${payload.toString()}`));
    });
    await show('kitchen');
    await page.getByRole('button', { name: 'Send a command' }).click();
    await page.getByLabel('Payload').fill('{"relay":');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByRole('dialog').getByText('It is not JSON').waitFor();
    await page.getByLabel('Payload').fill('{"relay":true}');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    expect(await arrived).toBe('cmd/rtjm/kitchen/command {"relay":true}');
    await page.getByText('kitchen is connected: the command is on its way').waitFor();
  });

  test('what the broker did not allow, and why', async () => {
    const shed = await connect('shed');
    await show('shed');
    await page.getByText('Nothing in the last three hours.').waitFor();
    const gone = cutOff(shed);
    shed.publish('rtjm/kitchen/telemetry', '{"temperature":-40}', { qos: 1 });
    await gone;
    const denial = page.locator('.item', { hasText: 'Publish-In' });
    await denial.waitFor();
    expect(await denial.textContent()).toMatch(
      /shed {2}rtjm\/kitchen\/telemetryCertificate [0-9a-f]{8} of shedAUTHORIZATION_FAILURE: .+/,
    );
    await page.getByText('the broker did not let it in, or did not allow what it did (AUTH_ERROR)').waitFor();
  });

  test('dead letters: how many, and a look at them', async () => {
    await page.getByText('None: the table took every message.').waitFor();
    const { deadLetters } = await telemetryDeployment(deployment.which.names);
    const sqs = new SQSClient({ ...deployment.client, useQueueUrlAsEndpoint: false });
    const base64OriginalPayload = Buffer.from('<i>lost</i>').toString('base64');
    const MessageBody = JSON.stringify({
      ruleName: 'fleet_telemetry',
      topic: 'rtjm/shed/telemetry',
      base64OriginalPayload,
    });
    await sqs.send(new SendMessageCommand({ QueueUrl: deadLetters, MessageBody }));
    await page.getByText('1 message that the table did not take').waitFor();
    await page.getByRole('button', { name: 'Look at ten' }).click();
    await soon(() => page.locator('.item pre').textContent()).toBe('<i>lost</i>');
  });

  test('ten thousand points a curve do not make it stutter', { timeout: 150_000 }, async () => {
    await tenThousandRows();
    await show('shed');
    const panel = page.locator('.panel', { hasText: 'wave' });
    await panel.waitFor();
    // The better of three: much else runs beside this.
    const frames = async () => {
      const counts = [];
      while (counts.length < 3) counts.push(await framesUnderTheCrosshair(panel));
      return Math.max(...counts);
    };
    const few = await frames();
    await showSixHours();
    const many = await frames();
    console.log(`frames in 2 s: ${few} with 300 points a curve, ${many} with 10,000`);
    expect(many).toBeGreaterThan(few / 2);
  });

  /** How many frames the browser draws in two seconds, while the crosshair goes over a curve. */
  async function framesUnderTheCrosshair(panel: Locator): Promise<number> {
    const { x = 0, y = 0, width = 0 } = (await panel.locator('.u-over').boundingBox()) ?? {};
    await page.evaluate(COUNT_FRAMES);
    for (let step = 0; !(await page.evaluate<boolean>('window.counted')); step++) {
      await page.mouse.move(x + ((step % 60) / 60) * width, y + 40);
    }
    await page.mouse.move(0, 0);
    return page.evaluate<number>('window.frames');
  }

  /** Back to the first of the ten thousand rows. */
  async function showSixHours(): Promise<void> {
    await page.getByText('6 h', { exact: true }).click();
    await page.locator('.panel', { hasText: 'other' }).getByText('0 to 9999').waitFor();
  }

  const HOUR = 3_600_000;

  /** In a span of six hours, at an even pace but for an hour without any. */
  async function tenThousandRows(): Promise<void> {
    const { table } = await telemetryDeployment(deployment.which.names);
    const dynamoDB = new DynamoDBClient(deployment.client);
    const begin = Date.now() - 5.9 * HOUR;
    const rows = Array.from({ length: 10_000 }, (_, index) => {
      const time = Math.round(begin + (index / 10_000) * 4.8 * HOUR + (index > 5_000 ? HOUR : 0));
      return row('shed', time, { wave: { N: Math.sin(index / 300).toFixed(4) }, other: { N: String(index) } });
    });
    while (rows.length > 0) {
      const requests = rows.splice(0, 25).map((Item) => ({ PutRequest: { Item: { ...Item } } }));
      await dynamoDB.send(new BatchWriteItemCommand({ RequestItems: { [table]: requests } }));
    }
  }

  test('it goes back in time, and a gap stays a gap', async () => {
    await show('shed');
    await showSixHours();
    const panel = page.locator('.panel', { hasText: 'other' });
    // Between its first and its last column is an hour of 5.8 without messages: there, nothing is drawn.
    const gap = async () => {
      const columns = await page.evaluate<number[]>(drawnColumns('other'));
      const span = Number(columns.at(-1)) - Number(columns[0]) + 1;
      return (span - columns.length) / span;
    };
    await soon(gap).toBeCloseTo(1 / 5.8, 1); // the numbers are there a moment before the curve
    await page.getByRole('button', { name: 'Earlier' }).click();
    await page.getByText('No number arrived in this span of time.').waitFor();
    await page.getByRole('button', { name: 'Back to live' }).click();
    await panel.waitFor();
  });

  test('keys alone do it: a device, its curve, a dialog and out again', async () => {
    await page.getByRole('link', { name: 'shed', exact: true }).focus();
    await page.keyboard.press('Enter');
    await showSixHours();
    const panel = page.locator('.panel', { hasText: 'other' });
    await page.mouse.move(0, 0);
    await panel.focus();
    // Again, while the points of six hours still come: the key goes to the first of those that are there.
    await soon(async () => {
      await page.keyboard.press('Home');
      return newest('other').textContent();
    }).toBe('0');
    expect(await panel.getAttribute('aria-label')).toMatch(/^other: 9999 at .*; from 0 to 9999\. /);
    await page.getByRole('button', { name: 'Revoke' }).focus();
    await page.keyboard.press('Enter');
    await page.getByLabel('To confirm, type shed').waitFor();
    await page.keyboard.press('Escape');
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Revoke …');
  });

  const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, 390]) {
      test(`${colorScheme}, ${width} pixels wide: axe finds nothing, and nothing sticks out`, async () => {
        await page.context().close();
        page = await open({ colorScheme, viewport: { width, height: 800 }, bypassCSP: true, reducedMotion: 'reduce' });
        await page.evaluate(AXE);
        const views: [string, () => Promise<unknown>][] = [
          ['the fleet', () => page.locator('.card .value').first().waitFor()],
          ['a device', () => show('garage').then(() => page.locator('.panel').first().waitFor())],
          [
            'a message',
            () =>
              page
                .locator('.messages button')
                .first()
                .click()
                .then(() => page.locator('dialog table').waitFor()),
          ],
          [
            'a command',
            () => page.keyboard.press('Escape').then(() => page.getByRole('button', { name: 'Send a' }).click()),
          ],
          [
            'a revocation',
            () => page.keyboard.press('Escape').then(() => page.getByRole('button', { name: 'Revoke' }).click()),
          ],
        ];
        for (const [name, go] of views) {
          await go();
          const { violations } = await page.evaluate<{ violations: Violation[] }>('axe.run()');
          expect(
            violations.map(({ id, nodes }) => `${name}: ${id} ${nodes.map(({ html }) => html).join(' ')}`),
          ).toEqual([]);
          const room = await page.evaluate(
            'document.documentElement.scrollWidth - document.documentElement.clientWidth',
          );
          expect(room, name).toBe(0);
        }
      });
    }
  }

  interface Violation {
    readonly id: string;
    readonly nodes: readonly { readonly html: string }[];
  }

  test('revoking: the consequence first, the name typed, and then it is cut off and the file says so', async () => {
    const garage = boards.find(({ options }) => options.clientId === 'garage') as MqttClient;
    await show('garage');
    await page.getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('This is final.').waitFor();
    await page.getByText(/^revoke certificate [0-9a-f]{8} \(ACTIVE\)$/).waitFor();
    const button = page.getByRole('button', { name: 'Revoke garage' });
    for (const typed of ['', 'kitchen', 'garag']) {
      await page.getByLabel('To confirm, type garage').fill(typed);
      expect(await button.isDisabled()).toBe(true);
    }
    await page.getByLabel('To confirm, type garage').fill('garage');
    const gone = cutOff(garage);
    await button.click();
    await gone;
    await page.getByText(/^certificate [0-9a-f]{8} is REVOKED$/).waitFor();
    await page.getByText('home.yaml says revoked: true; commit it').waitFor();
    await page.keyboard.press('Escape');
    await chip('revoked').waitFor();
    expect(readFileSync(join(deployment.fleetDir, 'home.yaml'), 'utf8')).toBe(
      FLEET_FILE.replace('garage: { board: esp32 }', 'garage: { board: esp32, revoked: true }'),
    );
    expect(boards[0]?.connected).toBe(true);
  });

  test('a cloud that goes away and comes back: the page says so, and goes on by itself', async () => {
    await show('kitchen');
    await page.locator('.messages li').first().waitFor();
    const { endpoint, mqttPort } = deployment.cloud;
    await deployment.cloud.close();
    await page.locator('.problems', { hasText: new RegExp(`nothing (has answered|answers) at ${endpoint}`) }).waitFor();
    await page.getByText('not live', { exact: true }).waitFor();
    // What was known is still there.
    expect(await page.locator('.messages li').count()).toBeGreaterThan(0);

    const cloud = await startCloud({ port: Number(new URL(endpoint).port), mqttPort, data, log: memoryLog() });
    onTestFinished(() => cloud.close());
    const kitchen = await connect('kitchen', cloud.mqttPort);
    await publish(kitchen, '{"temperature":99}');
    await page.getByText('live', { exact: true }).waitFor();
    await page.locator('.messages li', { hasText: '{"temperature":99}' }).waitFor();
    await soon(() => page.locator('.problems').textContent()).toBe('');
  });

  test('a server that is gone: the page says so, and that a new link is needed', async () => {
    // The cloud of the tests before has gone, and so is whatever was known of it.
    await page.locator('.problems', { hasText: 'nothing answers' }).waitFor();
    expect(await page.locator('.card').count()).toBe(0);
    const port = Number(new URL(server.link).port);
    await server.close();
    await page.getByText('Does the command that opened it still run?').waitFor();
    server = await startPageServer(deployment.which, port);
    await page.getByText('This link is no longer valid').waitFor();
  });
});

/** The columns of a field's canvas in which a curve is drawn: nothing else there has a colour. */
const drawnColumns = (field: string): string => `(() => {
  const panels = [...document.querySelectorAll('.panel')];
  const canvas = panels.find((panel) => panel.querySelector('.field').textContent === '${field}').querySelector('canvas');
  const { width, height } = canvas;
  const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
  const isCurve = (i) => data[i + 3] > 100 && Math.abs(data[i] - data[i + 2]) > 60;
  return [...Array(width).keys()].filter((x) => [...Array(height).keys()].some((y) => isCurve(4 * (y * width + x))));
})()`;

const COUNT_FRAMES = `
  window.frames = 0;
  window.counted = false;
  (() => {
    const end = performance.now() + 2000;
    const count = (now) => {
      window.frames++;
      if (now < end) requestAnimationFrame(count);
      else window.counted = true;
    };
    requestAnimationFrame(count);
  })();
`;
