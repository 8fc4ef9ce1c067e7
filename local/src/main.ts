// `npm run local`: the local cloud alone, in the foreground.
import process from 'node:process';
import { Command, InvalidArgumentError, Option } from 'commander';

// Said once by every SDK client on Node 20; nobody who runs this can do anything about it.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
const { startCloud, writeEnvironment } = await import('./cloud.ts');
const { startFailure } = await import('./start-failure.ts');

const parsePort = (text: string): number => {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535) throw new InvalidArgumentError('allowed: 0 to 65535 (0 takes a free port).');
  return port;
};

const command = new Command('npm run local --')
  .description('AWS on this machine: the services that esp-fleet needs, on 127.0.0.1, bootstrapped for CDK.')
  .option('--port <n>', 'port of all AWS APIs', parsePort, 4566)
  .option('--mqtt-port <n>', 'port of the MQTT broker (mutual TLS)', parsePort, 8883)
  .option('--data <dir>', 'keep everything in this folder over a restart')
  .addOption(
    new Option('--sql-collision <who>', 'who wins when an alias of a rule meets a field of the payload')
      .choices(['alias', 'payload'])
      .default('alias'),
  )
  .addOption(
    new Option('--sql-binary <what>', 'what * is beside other items when the payload is not JSON')
      .choices(['undefined', 'error'])
      .default('undefined'),
  )
  .allowExcessArguments(false)
  .parse();
interface Options {
  readonly port: number;
  readonly mqttPort: number;
  readonly data?: string;
  readonly sqlCollision: 'alias' | 'payload';
  readonly sqlBinary: 'undefined' | 'error';
}
const { port, mqttPort, data, sqlCollision: collision, sqlBinary: binary } = command.opts<Options>();

try {
  const cloud = await startCloud({
    port,
    mqttPort,
    reading: { collision, binary },
    ...(data !== undefined && { data }),
  });
  await writeEnvironment(cloud, '.local');
  console.log(`AWS APIs  ${cloud.endpoint}`);
  console.log(`MQTT      mqtts://localhost:${cloud.mqttPort} (mutual TLS)`);
  console.log('To use it: source .local/env');
  console.log('ready');
  const stop = (): void => void cloud.close().then(() => process.exit(0));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
} catch (error) {
  console.error(`local cloud: ${startFailure(error, { port, mqttPort, data })}`);
  process.exit(1);
}
