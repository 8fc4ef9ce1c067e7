import type { SeenCall } from '@esp-fleet/local-cloud';
import type { Call } from './trouble.ts';
import { ProvedDevice } from './device.ts';
import type { Lane } from './lane.ts';
import { type Operation, titleOf } from './operations.ts';

/** Runs an operation without a fault. @returns every AWS call that it takes */
export async function callsOf(operation: Operation, lane: Lane): Promise<Call[]> {
  const device = new ProvedDevice(lane, operation);
  await operation.prepare(device);
  lane.faults.clear();
  operation.edit(device);
  const { isDone, words } = await operation.carryOut(device);
  const calls = lane.faults.calls.flatMap((call) => {
    const maker = makerOf(call, operation, lane);
    return maker === undefined ? [] : [{ ...call, maker }];
  });
  const { problems, left } = await operation.inspect(device);
  await device.remove();
  if (!isDone || problems.length + left.length > 0)
    throw new Error(`${titleOf(operation)} fails without a fault: ${words}; ${[...problems, ...left].join('; ')}`);
  return calls;
}

/** Undefined for the calls of the proof itself, which also puts the list where the CDK CLI does, and of Lambda, which writes the function's log. */
function makerOf(call: SeenCall, { isVerb }: Operation, { isOfFunction }: Lane): Call['maker'] | undefined {
  if (call.service === 'logs' || call.operation === 'PutObject') return undefined;
  if (isOfFunction(call)) return 'function';
  if (isVerb) return 'verb';
  return call.service === 'cloudformation' ? undefined : 'CloudFormation';
}
