import type { FleetNames } from '../../lib/fleet/names.ts';
import { connectionOf, publish, subscriptionsOf } from '../aws/connection.ts';
import { timeSeriesTableNameIfDeployed } from '../aws/deployment.ts';
import { lastSeen } from '../rows/time-series.ts';
import { CliError } from '../terminal/cli-error.ts';
import { type Fate, fateOfCommand } from './command-fate.ts';
import { fleetDevice, type WhichFleet } from '../fleet/fleet-device.ts';
import { Unknowns } from '../fleet/unknowns.ts';

/** AWS IoT Core quotas, "Message broker and protocol limits". */
const MOST_PAYLOAD_BYTES = 128 * 1024;
const MOST_TOPIC_BYTES = 256;
const MOST_SLASHES = 7;

/** A command that AWS IoT has taken. */
export interface SentCommand {
  readonly topic: string;
  readonly fate: Fate;
  /** What could not be read of it: a line each. */
  readonly unknown: readonly string[];
}

/**
 * Publishes a command to a device of the fleet, with QoS 1.
 *
 * @param levels of the topic, below `cmd/rtjm/<device>/`
 * @param payload JSON text
 * @throws {CliError} when the device is unknown or revoked, or the command is larger than AWS IoT takes
 */
export async function sendCommand(
  which: WhichFleet,
  name: string,
  levels: string,
  payload: string,
): Promise<SentCommand> {
  const { device, site, file } = fleetDevice(which, name);
  if (device.revoked) throw new CliError(`${name} is revoked (${file}): it gets no command any more`);
  const topic = `${site.names.commandTopic(name)}/${levels}`;
  if (Buffer.byteLength(topic) > MOST_TOPIC_BYTES || topic.split('/').length - 1 > MOST_SLASHES) {
    throw new CliError(`${topic} is too long a topic; allowed: ${MOST_TOPIC_BYTES} bytes and ${MOST_SLASHES} slashes`);
  }
  if (Buffer.byteLength(payload) > MOST_PAYLOAD_BYTES) throw new CliError('the payload is too long; allowed: 128 KB');
  await publish(topic, payload);
  const unknowns = new Unknowns();
  const fate = await fateAfter(topic, site.names, name, unknowns);
  return { topic, fate, unknown: unknowns.lines };
}

/** What may not be read is not known, and no failure: the command has been published. */
async function fateAfter(topic: string, names: FleetNames, device: string, unknowns: Unknowns): Promise<Fate> {
  const thing = names.thing(device);
  const [connected, subscribed] = await Promise.all([
    unknowns.orUndefined('whether it is connected', wrapped(connectionOf(thing)), 'iot:GetConnection'),
    unknowns.orUndefined('what it has subscribed to', wrapped(subscriptionsOf(thing)), 'iot:ListSubscriptions'),
  ]);
  if (connected === undefined)
    return { kind: 'unknown', text: 'gets it if it is connected, or has a persistent session' };
  const connection = connected.value;
  const subscriptions = subscribed === undefined ? null : subscribed.value;
  const isUnheardOf = connection === undefined && subscriptions === undefined;
  const seen = isUnheardOf
    ? await unknowns.orUndefined('whether it was ever seen', wrapped(everSeen(names, device)))
    : undefined;
  return fateOfCommand(topic, { connection, subscriptions, wasSeen: seen?.value }, Date.now());
}

/** Undefined where no table is there that would tell. */
async function everSeen(names: FleetNames, device: string): Promise<boolean | undefined> {
  const table = await timeSeriesTableNameIfDeployed(names);
  return table === undefined ? undefined : (await lastSeen(table, device)) !== undefined;
}

/** Tells an answer of undefined from none. */
const wrapped = async <Value>(asked: Promise<Value>): Promise<{ readonly value: Value }> => ({ value: await asked });

/** Why a text cannot be the payload of a command; undefined when it can. */
export function payloadProblem(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return `It is not JSON (${(error as Error).message}). Allowed: such as '{"relay":true}'.`;
  }
}

/** Why a text cannot be the end of a command's topic; undefined when it can. */
export function levelsProblem(text: string): string | undefined {
  if (/^[^/#+\p{Cc}]+(\/[^/#+\p{Cc}]+)*$/u.test(text)) return undefined;
  return 'Allowed: levels such as settings/heater, without + and #.';
}
