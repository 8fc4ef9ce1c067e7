import type { Log } from '../../log.ts';
import type { ProvisioningAnswer } from '../provisioning/device-provisioning.ts';
import { matchesAtAws } from '../topic-matching.ts';
import { subscriptionsOf } from './aedes-internals.ts';
import type { Session } from './session.ts';

/**
 * Answers a request of the fleet provisioning "through the same MQTT connection used to publish the API request" (DG,
 * fleet-provision-api), if that has subscribed.
 */
export function sendAnswer({ topic, payload }: ProvisioningAnswer, { client, who }: Session, log: Log): void {
  const subscription = subscriptionsOf(client).find(({ topicFilter }) => matchesAtAws(topicFilter, topic));
  if (!subscription || client.closed)
    return log.warn(`the answer on ${topic} is lost: ${who} has not subscribed to it, or is gone`);
  // Without an acknowledgement in a persistent session: what waits for one, such as a private key, goes to its next connection.
  const qos = subscription.qos === 0 || !client.clean ? 0 : 1;
  const packet = { cmd: 'publish', topic, payload: Buffer.from(payload), qos, retain: false, dup: false } as const;
  client.publish(packet, () => undefined);
}
