import { DeleteParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { clientConfig } from '../../aws/clients.ts';
import { type Answer, measured } from './probe.ts';
import type { ScratchFleet } from './scratch-fleet.ts';

/** Two at a time, each on a parameter of its own: two writes to one may refuse each other. */
const WRITERS = 2;
const WRITES = 80;

/** As users have seen, and as the local cloud has it under `--pace aws` (local/src/pace/limits.ts). */
const LEAST = 20;

/** How many writes the Parameter Store takes until it throttles, where nothing has been written for a while. */
export async function askWrites({ probed }: Pick<ScratchFleet, 'probed'>, signal: AbortSignal): Promise<Answer[]> {
  const ssm = new SSMClient({ ...clientConfig, retryMode: 'standard', maxAttempts: 1 });
  const names = Array.from({ length: WRITERS }, (_, index) => `${probed.parameterPath}/${index}`);
  let taken = 0;
  let throttled = false;
  const began = performance.now();
  const write = async (Name: string) => {
    for (let each = 0; each < WRITES / WRITERS && !throttled; each += 1) {
      signal.throwIfAborted();
      try {
        await ssm.send(new PutParameterCommand({ Name, Value: 'probe', Type: 'String', Overwrite: true }));
        taken += 1;
      } catch (error) {
        if ((error as Error).name !== 'ThrottlingException') throw error;
        throttled = true;
      }
    }
  };
  await Promise.all(names.map(write));
  const seconds = Math.round((performance.now() - began) / 1_000);
  const patient = new SSMClient({ ...clientConfig, maxAttempts: 12 });
  for (const Name of names) await patient.send(new DeleteParameterCommand({ Name }));
  const how = throttled ? ' until it throttled' : ', none throttled';
  const question = 'how many writes the Parameter Store takes at once';
  return [measured(question, { least: LEAST }, taken, 'writes', ` in ${seconds} s${how}`)];
}
