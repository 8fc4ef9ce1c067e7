import { connectionOf, publish } from './aws/connection.ts';
import { CliError } from './cli-error.ts';
import { type Fate, fateOfCommand } from './command-fate.ts';
import { fleetDevice, type WhichFleet } from './fleet-device.ts';

/** AWS IoT Core quotas, "Message broker and protocol limits". */
const MOST_PAYLOAD_BYTES = 128 * 1024;
const MOST_TOPIC_BYTES = 256;
const MOST_SLASHES = 7;

/** A command that AWS IoT has taken. */
export interface SentCommand {
  readonly topic: string;
  readonly fate: Fate;
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
  const { device, site } = fleetDevice(which, name);
  if (device.revoked) throw new CliError(`${name} is revoked (${site.file}): it gets no command any more`);
  const topic = `${site.names.commandTopic(name)}/${levels}`;
  if (Buffer.byteLength(topic) > MOST_TOPIC_BYTES || topic.split('/').length - 1 > MOST_SLASHES) {
    throw new CliError(`${topic} is too long a topic; allowed: ${MOST_TOPIC_BYTES} bytes and ${MOST_SLASHES} slashes`);
  }
  if (Buffer.byteLength(payload) > MOST_PAYLOAD_BYTES) throw new CliError('the payload is too long; allowed: 128 KB');
  await publish(topic, payload);
  return { topic, fate: fateOfCommand(await connectionOf(site.names.thing(name)), Date.now()) };
}

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
