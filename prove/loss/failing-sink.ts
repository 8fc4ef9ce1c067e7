import { setTimeout } from 'node:timers/promises';
import { CloudProcess } from '../../testing/cloud/cloud-process.ts';
import { flood } from './flood.ts';
import type { Ground } from './ground.ts';
import { Sink } from './sink.ts';

const MESSAGES = 100_000;
const THROTTLED_SHARE = 0.05;
const SEED = 13;
const OUTAGE_MS = 10_000;

/** What a flood left. */
export interface Flooded {
  /** The folder of the cloud, which has ended. */
  readonly data: string;
  readonly ids: ReadonlySet<string>;
  readonly deadLetters: number;
}

/** A flood, while the table throttles a share of all puts, and is down for a while in the middle. */
export async function proveFailingSink({ devices, folder, progress }: Ground): Promise<Flooded> {
  const data = folder('flooded');
  const cloud = await CloudProcess.start(data);
  try {
    cloud.tell({ does: 'throttle', share: THROTTLED_SHARE, seed: SEED });
    progress.expect(4);
    let outage: Promise<void> | undefined;
    const started = performance.now();
    const ids = await flood({
      port: cloud.started.mqttPort,
      devices,
      messagesEach: MESSAGES / devices.length,
      onAcknowledged: (count) => {
        if (count > MESSAGES / 3) outage ??= beDown(cloud);
      },
    });
    const seconds = (performance.now() - started) / 1_000;
    await outage;

    const sink = await Sink.of(cloud);
    const { rows, ids: stored, unknown, sharing } = await sink.census();
    const deadLetters = await sink.deadLetters();
    progress.say(
      `${ids.size} messages of ${devices.length} devices in ${seconds.toFixed(1)} s ` +
        `(${Math.round(ids.size / seconds)} a second): ${rows} rows, ${deadLetters} dead letters; ` +
        `${sharing} rows share device and millisecond with another`,
    );
    const sum = rows + deadLetters;
    progress.case('rows + dead letters = messages', sum === MESSAGES ? undefined : `${sum}, not ${MESSAGES}`);
    progress.case('every row is another message', stored.size === rows ? undefined : `${stored.size} in ${rows} rows`);
    progress.case('every row is of its device', unknown.length === 0 ? undefined : unknown.slice(0, 3).join(', '));
    const isHarsh = deadLetters > MESSAGES / 100 && sharing > 0;
    progress.case('the table failed, and messages shared a millisecond', isHarsh ? undefined : 'they did not');
    return { data, ids, deadLetters };
  } finally {
    await cloud.end('SIGTERM');
  }
}

async function beDown(cloud: CloudProcess): Promise<void> {
  cloud.tell({ does: 'open outage' });
  await setTimeout(OUTAGE_MS);
  cloud.tell({ does: 'end outage' });
}
