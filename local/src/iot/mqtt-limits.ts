import { LIMITS } from '../pace/limits.ts';
import { isAnswerFilter, provisioningRequest } from './provisioning/topics.ts';
import { basicIngest } from './topic-matching.ts';

// AWS IoT Core quotas, "Message broker and protocol limits".
const MAX_TOPIC_BYTES = 256;
const MAX_SLASHES = 7;
const MAX_PAYLOAD_BYTES = 128 * 1024;
const MAX_CLIENT_ID_BYTES = 128;
const KEEP_ALIVE_SECONDS = { min: 30, max: 1200 };

/**
 * Why no message can be published to a topic, by anyone; undefined when one can.
 *
 * @param overMqtt whether there is a connection for the answer to a request
 */
export function topicProblem(topic: string, retain: boolean, overMqtt = false): string | undefined {
  if (topic === '' || /[+#]/.test(topic)) return 'a message needs a topic without wildcards';
  const ingest = basicIngest(topic);
  if (topic.startsWith('$') && retain) return 'a message to a reserved topic cannot be retained';
  if (topic.startsWith('$') && !ingest && !(overMqtt && provisioningRequest(topic))) return reserved(topic);
  // The prefix of basic ingest is not counted (DG, iot-basic-ingest).
  return lengthProblem(ingest?.topic ?? topic);
}

/** Why nobody can subscribe to a filter; undefined when one can. */
export const topicFilterProblem = (filter: string): string | undefined =>
  filter.startsWith('$') && !isAnswerFilter(filter) ? reserved(filter) : lengthProblem(filter);

/** Why a SUBSCRIBE with so many filters is refused. */
export const filterCountProblem = (count: number): string | undefined =>
  count > LIMITS.filtersPerSubscribe.most
    ? `one SUBSCRIBE has ${count} topic filters; at most ${LIMITS.filtersPerSubscribe.most} are allowed`
    : undefined;

/** Why a connection that has so many subscriptions gets no further one. */
export const subscriptionCountProblem = (count: number): string | undefined =>
  count >= LIMITS.subscriptionsPerConnection.most
    ? `the connection has ${count} subscriptions; at most ${LIMITS.subscriptionsPerConnection.most} are allowed`
    : undefined;

const reserved = (topic: string): string =>
  `topics that begin with $ are reserved, and ${topic} is not implemented by the local cloud`;

function lengthProblem(topic: string): string | undefined {
  const bytes = Buffer.byteLength(topic);
  if (bytes > MAX_TOPIC_BYTES) return `the topic has ${bytes} bytes; at most ${MAX_TOPIC_BYTES} are allowed`;
  const slashes = topic.split('/').length - 1;
  return slashes > MAX_SLASHES ? `the topic has ${slashes} slashes; at most ${MAX_SLASHES} are allowed` : undefined;
}

export const payloadProblem = ({ length }: Uint8Array): string | undefined =>
  length > MAX_PAYLOAD_BYTES ? `the payload has ${length} bytes; at most ${MAX_PAYLOAD_BYTES} are allowed` : undefined;

export const qosProblem = (qos: number): string | undefined =>
  qos === 0 || qos === 1 ? undefined : `QoS ${qos} is not supported by AWS IoT`;

export function clientIdProblem(clientId: string, clean: boolean): string | undefined {
  const bytes = Buffer.byteLength(clientId);
  if (bytes > MAX_CLIENT_ID_BYTES)
    return `the client id has ${bytes} bytes; at most ${MAX_CLIENT_ID_BYTES} are allowed`;
  return bytes === 0 && !clean ? 'a persistent session needs a client id' : undefined;
}

/** What AWS makes of the keep-alive that a client asks for, in seconds: 30 to 1200, and 1200 when it asks for none. */
export const effectiveKeepAlive = (seconds: number): number =>
  seconds === 0 ? KEEP_ALIVE_SECONDS.max : Math.min(Math.max(seconds, KEEP_ALIVE_SECONDS.min), KEEP_ALIVE_SECONDS.max);
