import { type Command, CommanderError, InvalidArgumentError } from 'commander';
import { levelsProblem, payloadProblem, type SentCommand, sendCommand } from '../send/command.ts';
import type { CommonOptions } from '../common-options.ts';
import { withSpinner } from '../terminal/spinner.ts';
import { telemetryProblem } from '../fleet/telemetry-problem.ts';
import { print, printDone, printSentence, printWarning, type Terminal } from '../terminal/terminal.ts';

interface SendOptions extends CommonOptions {
  readonly topic: string;
  readonly json?: true;
}

export function configure(command: Command, terminal: Terminal): void {
  command
    .argument('<device>')
    .argument('<payload>', 'JSON', checked(payloadProblem))
    .option('--topic <levels>', 'below cmd/rtjm/<device>/', checked(levelsProblem), 'command')
    .option('--json', 'print a JSON object')
    .addHelpText(
      'after',
      `
Publishes with QoS 1, and says what becomes of the command. AWS IoT sends it at once to a device that is connected, and
keeps it for one whose persistent session has not expired. Otherwise it drops the command; it also drops what the device
has not subscribed to. Exit code 1 when it is dropped.

Examples:
  bin/fleet send garage-door '{"relay":true}'
  bin/fleet send garage-door '{"every":60}' --topic settings`,
    )
    .action((device: string, payload: string) => send(device, payload, command.optsWithGlobals(), terminal));
}

async function send(name: string, payload: string, options: SendOptions, terminal: Terminal): Promise<void> {
  const sending = sendCommand(options, name, options.topic, payload);
  const sent = await withSpinner(terminal, 'Sending', sending);
  await (options.json ? printJson(name, sent, terminal) : printText(name, sent, options, terminal));
  if (sent.fate.kind === 'dropped') throw new CommanderError(1, 'fleet.dropped', 'the command is lost');
}

async function printJson(name: string, { topic, fate, unknown }: SentCommand, { stdout }: Terminal): Promise<void> {
  const { kind, keptUntil, text } = fate;
  const until = keptUntil && { keptUntil: new Date(keptUntil) };
  await print(
    stdout,
    JSON.stringify({ device: name, topic, fate: kind, ...until, reason: [text, ...unknown].join('; ') }, undefined, 2),
  );
}

async function printText(
  name: string,
  { topic, fate, unknown }: SentCommand,
  { names, settings }: SendOptions,
  { stdout }: Terminal,
): Promise<void> {
  await printDone(stdout, `published to ${topic}`);
  const line = `${name} ${fate.text}`;
  await (fate.kind === 'sent' ? printSentence : printWarning)(stdout, line);
  for (const each of unknown) await printWarning(stdout, each);
  // Whoever may send may lack the right to ask CloudFormation, and what the device answers is not what they asked for.
  const problem = await telemetryProblem(names, settings).catch(() => undefined);
  if (problem !== undefined) await printWarning(stdout, problem);
}

/** A parser of an argument that a problem makes fail. */
function checked(problemOf: (text: string) => string | undefined): (text: string) => string {
  return (text) => {
    const problem = problemOf(text);
    if (problem !== undefined) throw new InvalidArgumentError(problem);
    return text;
  };
}
