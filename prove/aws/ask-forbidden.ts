import { setTimeout } from 'node:timers/promises';
import { connect } from './board.ts';
import { ACKNOWLEDGED, CUT_OFF, type Forbidden, FORBIDDEN, NO_CONNECTION } from './forbidden.ts';
import { type Answer, answered } from './probe.ts';
import type { ScratchFleet } from './scratch-fleet.ts';

const PATIENCE_MS = 20_000;

/** One after the other, since the device has one client id. */
export async function askForbidden(
  fleet: ScratchFleet,
  signal: AbortSignal,
  all: readonly Forbidden[] = FORBIDDEN,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const one of all) {
    signal.throwIfAborted();
    answers.push(answered(one, await outcomeOf(one, fleet)));
  }
  return answers;
}

async function outcomeOf({ options, act }: Forbidden, fleet: ScratchFleet): Promise<string> {
  const client = await connect(fleet, options?.(fleet.names));
  if (client === undefined) return NO_CONNECTION;
  try {
    const ended = new Promise<string>((resolve) => client.once('close', () => resolve(CUT_OFF)));
    if (act === undefined) return 'connected';
    return await Promise.race([
      ended,
      act(client, fleet.names).then(
        () => ACKNOWLEDGED,
        () => ended, // of MQTT.js the act fails when the connection does
      ),
      setTimeout(PATIENCE_MS, 'nothing happens', { ref: false }),
    ]);
  } finally {
    await client.endAsync(true);
  }
}
