import { BatchWriteItemCommand, DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { timeSeries } from '../cli/aws/deployment.ts';
import { fleet } from '../cli/program.ts';
import { FleetNames } from '../lib/fleet/names.ts';
import { CloudProcess } from '../testing/cloud/cloud-process.ts';
import { startDeployment } from '../testing/cloud/deployment.ts';

const ROWS = 1_000_000;
const DEVICE = 'kitchen-sensor';
const START = Date.parse('2026-01-01T00:00:00Z');

/** BatchWriteItem's own limit, and how many are under way at once. */
const BATCH = 25;
const WRITERS = 16;

/** What reading all rows took. */
interface Measured {
  readonly firstMs: number;
  readonly seconds: number;
  readonly lines: number;
  /** Bytes that JavaScript's heap holds on to, garbage taken out, after each tenth of the rows. */
  readonly heaps: readonly number[];
}

/** Milliseconds up to the first row. */
const FIRST_ROW_GOAL = 300;
/** Times the memory of the first tenth of the rows: all of them are to pass through the same little memory. */
const GROWTH_GOAL = 1.5;

/**
 * `fleet query --json` over a million rows of the local cloud, against the bare SDK doing the same.
 *
 * @returns whether the first row comes soon and the memory stays
 */
export async function bench(): Promise<boolean> {
  const scratch = mkdtempSync(join(tmpdir(), 'esp-fleet-bench-'));
  let cloud: CloudProcess | undefined;
  try {
    const data = join(scratch, 'data');
    await deploy(data);
    cloud = await CloudProcess.start(data);
    Object.assign(process.env, cloud.started.environment);
    const { table } = await timeSeries(new FleetNames());
    await fill(new DynamoDBClient(cloud.client), table);

    await measure(bare(new DynamoDBClient(cloud.client), table, 10_000)); // the cloud, warm
    const peer = await measure(bare(new DynamoDBClient(cloud.client), table, ROWS));
    const ours = await measure(verb);
    print('bare paginateQuery', peer);
    print('fleet query --json', ours);
    console.log(`query: ${(ours.seconds / peer.seconds).toFixed(2)} times the time of the bare SDK`);
    console.log(`query: the first row after ${ours.firstMs.toFixed(0)} ms (goal: ${FIRST_ROW_GOAL} ms)`);
    console.log(
      `query: at most ${growth(ours).toFixed(2)} times the memory that the first tenth took (goal: ${GROWTH_GOAL})`,
    );
    return ours.firstMs <= FIRST_ROW_GOAL && growth(ours) <= GROWTH_GOAL;
  } finally {
    await cloud?.end('SIGTERM');
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function deploy(data: string): Promise<void> {
  const deployment = await startDeployment({ data });
  try {
    const { code, stderr } = await deployment.cdk('deploy', '--all', '--require-approval', 'never');
    if (code !== 0) throw new Error(`cdk deploy failed: ${stderr}`);
  } finally {
    await deployment.close();
  }
}

async function fill(dynamoDB: DynamoDBClient, table: string): Promise<void> {
  const starts = Array.from({ length: ROWS / BATCH }, (_, index) => index * BATCH).values();
  const write = async () => {
    for (const start of starts) {
      const requests = Array.from({ length: BATCH }, (_, index) => ({ PutRequest: { Item: item(start + index) } }));
      await dynamoDB.send(new BatchWriteItemCommand({ RequestItems: { [table]: requests } }));
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, write));
}

/** A message a second. */
function item(number: number) {
  const received = START + number * 1_000;
  return {
    device: { S: DEVICE },
    arrival: { S: `${received}#${String(number).padStart(12, '0')}` },
    received: { N: String(received) },
    full_topic: { S: `rtjm/${DEVICE}/telemetry` },
    temperature: { N: String(20 + (number % 50) / 10) },
    humidity: { N: String(40 + (number % 20)) },
  };
}

type Work = (onLine: () => void) => Promise<void>;

function bare(client: DynamoDBClient, TableName: string, most: number): Work {
  return async (onLine) => {
    let lines = 0;
    const pages = paginateQuery(
      { client },
      {
        TableName,
        KeyConditionExpression: 'device = :device',
        ExpressionAttributeValues: { ':device': { S: DEVICE } },
      },
    );
    for await (const { Items = [] } of pages) {
      for (const each of Items) if (JSON.stringify(each).length > 0) onLine();
      if ((lines += Items.length) >= most) return;
    }
  };
}

async function verb(onLine: () => void): Promise<void> {
  const stdout = new Writable({
    write: (_chunk, _encoding, done) => {
      onLine();
      done();
    },
  });
  const terminal = { stdin: new PassThrough(), stdout, stderr: process.stderr };
  const code = await fleet(['query', DEVICE, '--since', String(START), '--json'], terminal);
  if (code !== 0) throw new Error(`fleet query ended with ${code}`);
}

async function measure(work: Work): Promise<Measured> {
  const started = performance.now();
  const heaps: number[] = [];
  let [firstMs, lines] = [0, 0];
  await work(() => {
    if (lines === 0) firstMs = performance.now() - started;
    lines += 1;
    if (lines % (ROWS / 10) === 0) heaps.push(liveHeap());
  });
  return { firstMs, seconds: (performance.now() - started) / 1_000, lines, heaps };
}

function liveHeap(): number {
  globalThis.gc?.(); // node --expose-gc
  return process.memoryUsage().heapUsed;
}

function growth({ heaps: [first = NaN, ...later] }: Measured): number {
  return Math.max(first, ...later) / first;
}

function print(what: string, { firstMs, seconds, lines, heaps }: Measured): void {
  console.log(
    `${what}: ${lines} rows in ${seconds.toFixed(1)} s (${Math.round(lines / seconds)} a second), ` +
      `the first after ${firstMs.toFixed(0)} ms, heap at most ${(Math.max(...heaps) / 1e6).toFixed(0)} MB`,
  );
}
