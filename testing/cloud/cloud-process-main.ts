import { Faults, type Readings, startCloud, streamLog } from '@esp-fleet/local-cloud';
import type { Command, Started } from './cloud-process.ts';

/*
 * A local cloud in a process of its own, so that it can be killed. Who forks it tells it how its table fails.
 */

const [data = '', port = '0', mqttPort = '0', readings = '{}'] = process.argv.slice(2);
const faults = new Faults();
const cloud = await startCloud({
  port: Number(port),
  mqttPort: Number(mqttPort),
  data,
  log: streamLog(process.stderr),
  faults,
  readings: JSON.parse(readings) as Partial<Readings>,
});

const PUT = { service: 'dynamodb', operation: 'PutItem' } as const;
let endOutage = (): void => undefined;

process.on('message', (command: Command) => {
  if (command.does === 'throttle') faults.throttleShare(PUT, command.share, command.seed);
  if (command.does === 'open outage') endOutage = faults.openOutage(PUT);
  if (command.does === 'end outage') endOutage();
  if (command.does === 'end faults') faults.clear();
});
process.once('SIGTERM', () => void cloud.close().then(() => process.exit(0)));

const { endpoint, environment, rootCaPem } = cloud;
process.send?.({ endpoint, mqttPort: cloud.mqttPort, environment, rootCaPem } satisfies Started);
