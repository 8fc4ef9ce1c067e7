import { Command, InvalidArgumentError, Option } from 'commander';
import type { StartOptions } from '../demo/start.ts';

// `npm start`, and `npm start -- --once`

const command = new Command('npm start --')
  .description(
    'Starts a cloud on this machine, deploys the fleet of fleet/ to it, and runs a simulated board for each device whose key the cloud has, until Ctrl-C.',
  )
  .option(
    '--once',
    'end by itself: a few messages, one device revoked, all destroyed; exit code 0 when all of it went well',
  )
  .option('--port <number>', 'port of the AWS APIs, 0 for any free one', portNumber, 4566)
  .option('--mqtt-port <number>', 'port of the MQTT broker, 0 for any free one', portNumber, 8883)
  .addOption(
    new Option(
      '--lan [address]',
      'let the broker, and nothing else, listen on this address as well, for boards',
    ).conflicts('once'),
  )
  .option('--data <dir>', 'keep what the cloud holds in this folder (default: nothing is kept)')
  .addOption(
    new Option('-c, --context <key=value>', 'as for cdk, such as stage=dev; may be repeated')
      .argParser(collect)
      .default([], 'none'),
  )
  .allowExcessArguments(false)
  .parse();

const { start } = await import('../demo/start.ts');
process.exitCode = await start(command.opts<StartOptions>(), process);

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('Allowed: 0 to 65535.');
  return port;
}
