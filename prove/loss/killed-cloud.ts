import { CloudProcess } from '../../testing/cloud/cloud-process.ts';
import { flood } from './flood.ts';
import type { Ground } from './ground.ts';
import { redrive } from './redrive-process.ts';
import { Sink } from './sink.ts';

const MESSAGES = 20_000;
const THROTTLED_SHARE = 0.05;
const SEED = 14;

/** `kill -9` of the cloud in the middle of a flood, and a start over what it had written. */
export async function proveKilledCloud({ devices, folder, progress }: Ground): Promise<void> {
  const cloud = await CloudProcess.start(folder('cloud-killed'));
  try {
    progress.expect(2);
    const throttle = () => cloud.tell({ does: 'throttle', share: THROTTLED_SHARE, seed: SEED });
    throttle();
    let kill: Promise<void> | undefined;
    let before = 0;
    const killAndRestart = async (count: number) => {
      before = count;
      await cloud.end('SIGKILL');
      await cloud.restart();
      throttle();
    };
    const ids = await flood({
      port: cloud.started.mqttPort,
      devices,
      messagesEach: MESSAGES / devices.length,
      onAcknowledged: (count) => {
        if (count > MESSAGES / 2) kill ??= killAndRestart(count);
      },
    });
    await kill;
    cloud.tell({ does: 'end faults' });
    const { code } = await redrive(cloud);
    progress.case('fleet redrive ends well after it', code === 0 ? undefined : `exit code ${code}`);
    const { rows, ids: stored } = await (await Sink.of(cloud)).census();
    const missing = [...ids].filter((id) => !stored.has(id));
    progress.say(
      `the cloud was killed after ${before} of ${ids.size} acknowledged messages; ` +
        `${rows - stored.size} rows are messages that were sent again`,
    );
    progress.case(
      'no acknowledged message is lost when the cloud is killed',
      missing.length === 0 ? undefined : `${missing.length} are, such as ${missing.slice(0, 3).join(', ')}`,
    );
  } finally {
    await cloud.end('SIGTERM');
  }
}
