import { Command, InvalidArgumentError, Option } from 'commander';
import type { StartOptions } from '../demo/start.ts';

// `npm start`, and `npm start -- --once`

const command = new Command('npm start --')
  .description('The whole path on this machine: deploys the app to a local cloud and runs a simulated device an entry.')
  .option('--once', 'a few messages, one device revoked, everything destroyed; exit code 0 when all of it held')
  .option('--port <number>', 'port of the AWS APIs, 0 for any free one', portNumber, 4566)
  .option('--mqtt-port <number>', 'port of the MQTT broker, 0 for any free one', portNumber, 8883)
  .addOption(
    new Option(
      '--lan [address]',
      'let the broker, and nothing else, listen on this address as well, for boards',
    ).conflicts('once'),
  )
  .option('--data <dir>', 'keep everything in this folder (default: all is gone at the end)')
  .option('-c, --context <key=value>', 'as for cdk, such as stage=dev; may be repeated', collect, [])
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
