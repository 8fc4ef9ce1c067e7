import type { Progress } from '../progress.ts';
import { CloudProcess } from '../../testing/cloud/cloud-process.ts';
import type { Flooded } from './failing-sink.ts';
import type { Ground } from './ground.ts';
import { killedRedrive, redrive } from './redrive-process.ts';
import { Sink } from './sink.ts';

/** `fleet redrive` after a flood: every message is a row, once. */
export async function proveRedrive({ folder, progress }: Ground, flooded: Flooded): Promise<void> {
  const cloud = await CloudProcess.start(folder('redriven', flooded.data));
  try {
    progress.expect(4);
    const started = performance.now();
    const { code, rows } = await redrive(cloud);
    const seconds = (performance.now() - started) / 1_000;
    const count = rows.columns + rows.raw;
    progress.say(`fleet redrive wrote ${count} rows in ${seconds.toFixed(1)} s`);
    progress.case('fleet redrive ends well', code === 0 ? undefined : `exit code ${code}`);
    await everyMessageIsARow('after the redrive', cloud, flooded, progress);
  } finally {
    await cloud.end('SIGTERM');
  }
}

/** The same, with the redrive killed twice on the way. */
export async function proveKilledRedrive({ folder, progress }: Ground, flooded: Flooded): Promise<void> {
  const cloud = await CloudProcess.start(folder('killed', flooded.data));
  try {
    progress.expect(6);
    const sink = await Sink.of(cloud);
    for (const left of [0.7, 0.3]) {
      const isKilled = await killedRedrive(cloud, async () => (await sink.deadLetters()) < left * flooded.deadLetters);
      progress.case(`fleet redrive is killed with ${left * 100} % to go`, isKilled ? undefined : 'it ended before');
    }
    const { code } = await redrive(cloud);
    progress.case('the third fleet redrive ends well', code === 0 ? undefined : `exit code ${code}`);
    await everyMessageIsARow('after two kills', cloud, flooded, progress);
  } finally {
    await cloud.end('SIGTERM');
  }
}

async function everyMessageIsARow(when: string, cloud: CloudProcess, { ids }: Flooded, progress: Progress) {
  const sink = await Sink.of(cloud);
  const { rows, ids: stored } = await sink.census();
  const missing = [...ids].filter((id) => !stored.has(id));
  progress.case(`${when}, rows = messages`, rows === ids.size ? undefined : `${rows} rows, ${ids.size} messages`);
  progress.case(`${when}, no message is missing`, missing.length === 0 ? undefined : missing.slice(0, 3).join(', '));
  const dead = await sink.deadLetters();
  progress.case(`${when}, no dead letter is left`, dead === 0 ? undefined : `${dead} are`);
}
