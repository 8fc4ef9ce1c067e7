// `npm run local`: the local cloud alone, in the foreground.
import process from 'node:process';
import { Command, Help, InvalidArgumentError, Option } from 'commander';
import { refuseBesideAnother, writeEnvironment } from './environment.ts';
import { lanAddress, lanNotice } from './lan.ts';
import type { PaceOptions } from './pace/pace.ts';
import { READINGS, type Readings, parseReading } from './readings.ts';
import { startFailure } from './start-failure.ts';

const parsePort = (text: string): number => {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535) throw new InvalidArgumentError('allowed: 0 to 65535 (0 takes a free port).');
  return port;
};

const parseConcurrency = (text: string): number => {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new InvalidArgumentError('allowed: 1 to 99999.');
  return Number(text);
};

const addReading = (text: string, before: Partial<Readings> | undefined): Partial<Readings> => {
  try {
    return { ...before, ...parseReading(text) };
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
};
const allowedReadings = (): string =>
  Object.entries(READINGS)
    .map(([name, { values }]) => `${name}=${values.join('|')}`)
    .join(', ');

const command = new Command('npm run local --')
  .description('AWS on this machine: the services that esp-fleet needs, on 127.0.0.1, bootstrapped for CDK.')
  .option('--port <n>', 'port of all AWS APIs', parsePort, 4566)
  .option('--mqtt-port <n>', 'port of the MQTT broker (mutual TLS)', parsePort, 8883)
  .option(
    '--lan [address]',
    'let the broker, and nothing else, listen on this address of this machine as well, for boards',
  )
  .option('--data <dir>', 'keep everything in this folder over a restart')
  .option(
    '--reading <name=value>',
    `what is assumed where AWS's documents are silent: ${allowedReadings()}`,
    addReading,
  )
  .addOption(
    new Option('--pace <pace>', "aws: with AWS's request limits and lags; quick: without")
      .choices(['aws', 'quick'])
      .default('quick'),
  )
  .option(
    '--lambda-concurrency <n>',
    'functions at a time with --pace aws (default: 1000; new accounts: 10)',
    parseConcurrency,
  )
  .allowExcessArguments(false)
  .parse();
interface Options {
  readonly port: number;
  readonly mqttPort: number;
  readonly lan?: string | true;
  readonly data?: string;
  readonly reading?: Partial<Readings>;
  readonly pace: PaceOptions['name'];
  readonly lambdaConcurrency?: number;
}
const { port, mqttPort, lan, data, reading: readings, pace: name, lambdaConcurrency } = command.opts<Options>();

if (lambdaConcurrency !== undefined && name !== 'aws') command.error('error: --lambda-concurrency needs --pace aws');

// A disk that is full, which a write behind an answer meets: to go on would promise to keep what cannot be kept.
process.once('uncaughtException', (error: NodeJS.ErrnoException) => {
  console.error(
    error.code === 'LEVEL_IO_ERROR' ? `local cloud: ${startFailure(error, { port, mqttPort, data })}` : error,
  );
  process.exit(1);
});
try {
  await refuseBesideAnother();
  const address = lan === undefined ? undefined : await lanAddress(lan);
  // Takes most of a second to load, which a refusal and --help do not wait for.
  const { startCloud } = await import('./cloud.ts');
  const cloud = await startCloud({
    port,
    mqttPort,
    ...(address !== undefined && { lan: address }),
    ...(data !== undefined && { data }),
    ...(readings && { readings }),
    pace: { name, ...(lambdaConcurrency !== undefined && { lambdaConcurrency }) },
  });
  await writeEnvironment(cloud);
  console.log(`AWS APIs  ${cloud.endpoint}`);
  console.log(`MQTT      mqtts://localhost:${cloud.mqttPort} (mutual TLS)`);
  if (lan !== undefined) console.log(new Help().boxWrap(lanNotice(cloud), process.stdout.columns || 80));
  console.log('To use it: source .local/env');
  console.log('ready');
  const stop = (): void => void cloud.close().then(() => process.exit(0));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
} catch (error) {
  console.error(`local cloud: ${startFailure(error, { port, mqttPort, data })}`);
  process.exit(1);
}
