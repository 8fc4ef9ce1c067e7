import { DescribeEndpointCommand } from '@aws-sdk/client-iot';
import {
  DeleteConnectionCommand,
  GetConnectionCommand,
  type GetConnectionResponse,
  IoTDataPlaneClient,
  paginateListSubscriptions,
  PublishCommand,
  type SubscriptionSummary,
} from '@aws-sdk/client-iot-data-plane';
import { clientConfig, iot } from '../../aws/clients.ts';
import { listed, unlessGone } from '../../aws/gone.ts';

let client: Promise<IoTDataPlaneClient> | undefined;

/** AWS IoT's data plane, which has an endpoint of its own in every account. */
const iotData = (): Promise<IoTDataPlaneClient> => (client ??= newClient());

async function newClient(): Promise<IoTDataPlaneClient> {
  const isAws = process.env.AWS_ENDPOINT_URL === undefined;
  return new IoTDataPlaneClient({ ...clientConfig, ...(isAws && { endpoint: `https://${await endpointAddress()}` }) });
}

/** Of the broker whose certificate Amazon Trust Services signed; the default is a legacy endpoint. */
async function endpointAddress(): Promise<string> {
  const { endpointAddress } = await iot.send(new DescribeEndpointCommand({ endpointType: 'iot:Data-ATS' }));
  return endpointAddress ?? '';
}

/** Where devices connect. */
export async function brokerEndpoint(): Promise<{ readonly host: string; readonly port: number }> {
  const { hostname, port } = new URL(`mqtts://${await endpointAddress()}`);
  return { host: hostname, port: port === '' ? 8883 : Number(port) };
}

/** What AWS IoT knows of a client id's connection; undefined when there was none within the last half an hour. */
export async function connectionOf(clientId: string): Promise<GetConnectionResponse | undefined> {
  const question = new GetConnectionCommand({ clientId, includeSocketInformation: true });
  return unlessGone((await iotData()).send(question));
}

/**
 * What a client id has subscribed to, in its connection or in the persistent session that it left; undefined when it has
 * neither.
 */
export async function subscriptionsOf(clientId: string): Promise<SubscriptionSummary[] | undefined> {
  const pages = paginateListSubscriptions({ client: await iotData() }, { clientId });
  return unlessGone(listed(pages, ({ subscriptions }) => subscriptions));
}

/** Whether a client is connected now. */
export async function isConnected(clientId: string): Promise<boolean> {
  return (await connectionOf(clientId))?.connected ?? false;
}

/** Publishes a message with QoS 1. */
export async function publish(topic: string, payload: string | Uint8Array): Promise<void> {
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
  await (await iotData()).send(new PublishCommand({ topic, payload: bytes, qos: 1 }));
}

/**
 * Ends the session of a client: nothing of it stays, neither subscriptions nor messages that wait, and its last will is not
 * published, unless the broker has ended the session by itself before that. It may connect again, unless its certificate was revoked first.
 */
export async function endConnection(clientId: string): Promise<void> {
  const deletion = new DeleteConnectionCommand({ clientId, cleanSession: true, preventWillMessage: true });
  await unlessGone((await iotData()).send(deletion));
}
