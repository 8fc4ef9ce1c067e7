import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { readIdentity } from '../../cli/secrets/identity.ts';
import { rootCertificates } from '../../cli/secrets/root-certificates.ts';
import { DEVICE, type ScratchFleet, SITE } from './scratch-fleet.ts';

const CONNECT_MS = 20_000;

/** Connects as a device of the scratch fleet does; undefined when the broker refuses that. */
export async function connect(
  { names }: ScratchFleet,
  options: IClientOptions = {},
  device = DEVICE,
): Promise<MqttClient | undefined> {
  const identity = await readIdentity({
    site: { name: SITE, names },
    device: { name: device, board: 'esp32', revoked: false, generations: [{ number: 1, keyType: 'ec' }], line: 2 },
  });
  if (identity === undefined) throw new Error(`${device} was deployed without an identity`);
  const client = mqtt.connect({
    protocol: 'mqtts',
    host: identity.host,
    port: identity.port,
    servername: identity.host,
    ca: await rootCertificates(),
    cert: identity.certificatePem,
    key: identity.privateKeyPem,
    clientId: identity.thingName,
    protocolVersion: 4,
    connectTimeout: CONNECT_MS,
    reconnectPeriod: 0,
    ...options,
  } as IClientOptions);
  client.on('error', () => undefined); // 'close' follows
  const isConnected = await new Promise<boolean>((resolve) => {
    client.once('connect', () => resolve(true)).once('close', () => resolve(false));
  });
  if (isConnected) return client;
  await client.endAsync(true);
  return undefined;
}
