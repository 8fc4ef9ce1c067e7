import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { ROOT } from '../../testing/cloud/process.ts';
import { connect } from './board.ts';
import { type Answer, answered, measured } from './probe.ts';
import { type ScratchFleet, STOLEN } from './scratch-fleet.ts';

/** "Within a few minutes" (IoT API Reference, UpdateCertificate). */
const MOST_SECONDS = 300;

/** A client id may connect once a second (AWS IoT Core quotas). */
const PAUSE_MS = 1_000;

/** Within which a new device has to get its first message through. */
const PATIENCE_MS = 60_000;

/** It counts as refused for good once it has been for so long, and for as long again as it was not. */
const QUIET_MS = 8_000;

/** A thief who comes back for ever, while `fleet revoke` does its work: how long they still get something through. */
export async function askRevocation(fleet: ScratchFleet, signal: AbortSignal): Promise<Answer[]> {
  let successes = 0;
  let last = 0;
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const thief = (async () => {
    while (!stop.signal.aborted) {
      const client = await connect(fleet, { clientId: fleet.names.thing(STOLEN) }, STOLEN);
      const gone = new Promise<false>((resolve) => client?.once('close', () => resolve(false)));
      while (client?.connected && !stop.signal.aborted) {
        const topic = `${fleet.names.telemetryTopic(STOLEN)}/thief`;
        const sent = client.publishAsync(topic, '{}', { qos: 1 }).then(
          () => true,
          () => false,
        );
        if (await Promise.race([sent, gone])) [successes, last] = [successes + 1, performance.now()];
        await setTimeout(PAUSE_MS / 4);
      }
      await client?.endAsync(true);
      await setTimeout(PAUSE_MS);
    }
  })().catch((error: unknown) => stop.abort(error)); // else it would end the process, and nothing would be removed
  const began = performance.now();
  try {
    while (successes === 0) {
      either.throwIfAborted();
      if (performance.now() - began > PATIENCE_MS) throw new Error(`no message of ${STOLEN} comes through`);
      await setTimeout(PAUSE_MS / 10);
    }
    await revoke(fleet);
    const revoked = performance.now();
    const quiet = () => performance.now() - last > QUIET_MS + Math.max(0, last - revoked);
    while (!quiet() && performance.now() - revoked < 2 * MOST_SECONDS * 1_000) {
      either.throwIfAborted();
      await setTimeout(PAUSE_MS / 10);
    }
    const seconds = Math.max(0, Math.round((last - revoked) / 100) / 10);
    return [
      measured('seconds after fleet revoke until a thief gets nothing through', { most: MOST_SECONDS }, seconds, 's'),
      answered(
        { question: 'a revoked certificate is refused for good', assumed: 'refused' },
        quiet() ? 'refused' : 'not',
      ),
    ];
  } finally {
    stop.abort();
    await thief;
  }
}

async function revoke({ which }: ScratchFleet): Promise<void> {
  const child = spawn(process.execPath, ['bin/fleet.mjs', ...which, 'revoke', STOLEN, '--yes'], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk) => (said += String(chunk)));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`fleet revoke failed: ${said.trim()}`);
}
