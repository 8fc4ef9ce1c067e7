import { type Command, CommanderError, InvalidArgumentError } from 'commander';
import { commandTopicPrefix, thingName } from '../lib/fleet/names.ts';
import { connectionOf, publish } from './aws/connection.ts';
import { CliError } from './cli-error.ts';
import { type Fate, fateOfCommand } from './command-fate.ts';
import type { CommonOptions } from './common-options.ts';
import { fleetDevice } from './fleet-device.ts';
import { withSpinner } from './spinner.ts';
import { colours, print, printDone, type Terminal } from './terminal.ts';

interface SendOptions extends CommonOptions {
  readonly topic: string;
  readonly json?: true;
}

/** AWS IoT Core quotas, "Message broker and protocol limits". */
const MOST_PAYLOAD_BYTES = 128 * 1024;
const MOST_TOPIC_BYTES = 256;
const MOST_SLASHES = 7;

export function configure(command: Command, terminal: Terminal): void {
  command
    .argument('<device>')
    .argument('<payload>', 'JSON', jsonText)
    .option('--topic <levels>', 'below cmd/rtjm/<device>/', topicLevels, 'command')
    .option('--json', 'print a JSON object')
    .addHelpText(
      'after',
      `
Publishes with QoS 1, and says what becomes of the command: AWS IoT sends it at once to a device that is connected, keeps
it for one whose persistent session has not expired, and else drops it. Exit code 1 when it is dropped.
Whether the device has subscribed to the topic, AWS IoT does not tell.

Examples:
  npx fleet send garage-door '{"relay":true}'
  npx fleet send garage-door '{"every":60}' --topic settings`,
    )
    .action((device: string, payload: string) => send(device, payload, command.optsWithGlobals(), terminal));
}

async function send(name: string, payload: string, options: SendOptions, terminal: Terminal): Promise<void> {
  const { device, site } = fleetDevice(options.fleet, name);
  if (device.revoked) throw new CliError(`${name} is revoked (${site.file}): it gets no command any more`);
  const topic = `${commandTopicPrefix(name)}/${options.topic}`;
  if (Buffer.byteLength(topic) > MOST_TOPIC_BYTES || topic.split('/').length - 1 > MOST_SLASHES) {
    throw new CliError(`${topic} is too long a topic; allowed: ${MOST_TOPIC_BYTES} bytes and ${MOST_SLASHES} slashes`);
  }
  if (Buffer.byteLength(payload) > MOST_PAYLOAD_BYTES) throw new CliError('the payload is too long; allowed: 128 KB');
  const sending = publish(topic, payload).then(() => connectionOf(thingName(name)));
  const fate = fateOfCommand(await withSpinner(terminal, 'Sending', sending), Date.now());
  await (options.json ? printJson : printText)({ name, topic, fate }, terminal);
  if (fate.kind === 'dropped') throw new CommanderError(1, 'fleet.dropped', 'the command is lost');
}

interface Sent {
  readonly name: string;
  readonly topic: string;
  readonly fate: Fate;
}

async function printJson({ name, topic, fate: { kind, keptUntil, text } }: Sent, { stdout }: Terminal): Promise<void> {
  const until = keptUntil && { keptUntil: new Date(keptUntil) };
  await print(stdout, JSON.stringify({ device: name, topic, fate: kind, ...until, reason: text }, undefined, 2));
}

async function printText({ name, topic, fate }: Sent, { stdout }: Terminal): Promise<void> {
  await printDone(stdout, `published to ${topic}`);
  const line = `${name} ${fate.text}`;
  await print(stdout, fate.kind === 'sent' ? line : colours(stdout).yellow(`! ${line}`));
}

function jsonText(text: string): string {
  try {
    JSON.parse(text);
  } catch (error) {
    throw new InvalidArgumentError(`It is not JSON (${(error as Error).message}). Allowed: such as '{"relay":true}'.`);
  }
  return text;
}

function topicLevels(text: string): string {
  if (!/^[^/#+\p{Cc}]+(\/[^/#+\p{Cc}]+)*$/u.test(text)) {
    throw new InvalidArgumentError('Allowed: levels such as settings/heater, without + and #.');
  }
  return text;
}
