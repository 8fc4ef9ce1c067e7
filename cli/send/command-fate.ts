import type { GetConnectionResponse, SubscriptionSummary } from '@aws-sdk/client-iot-data-plane';
import { formatAgo, formatMinute } from '../terminal/time.ts';

/** What becomes of a command with QoS 1. */
export interface Fate {
  readonly kind: 'sent' | 'kept' | 'dropped' | 'unknown';
  /** Milliseconds since 1970. */
  readonly keptUntil?: number;
  /** Goes on after the name of the device. */
  readonly text: string;
}

/** What AWS IoT knows of a device that a command goes to. */
export interface Receiver {
  /** Undefined when there was none within the last half an hour (API Reference, GetConnection). */
  readonly connection: GetConnectionResponse | undefined;
  /**
   * Of its connection, or of the persistent session that it left (API Reference, ListSubscriptions): undefined when it has
   * neither, null when that is not known.
   */
  readonly subscriptions: readonly SubscriptionSummary[] | undefined | null;
  /** Whether a message ever came from it; undefined when that is not known. */
  readonly wasSeen: boolean | undefined;
}

/**
 * The broker stores messages with QoS 1 for the subscriptions of a persistent session, where these have QoS 1, until that
 * expires, counted from when the client went, and discards them then (Developer Guide, "MQTT persistent sessions").
 *
 * @param now in milliseconds since 1970
 */
export function fateOfCommand(topic: string, receiver: Receiver, now: number): Fate {
  const { connection, subscriptions, wasSeen } = receiver;
  const matching = subscriptions?.filter(({ topicFilter = '' }) => isMatch(topicFilter, topic));
  const isUnheard = matching?.length === 0;
  const isStored = matching?.some(({ qos }) => qos === 1);
  if (connection === undefined) {
    if (subscriptions === undefined) {
      const why = wasSeen === false ? 'has never connected: there is no session and no row of it' : NOT_FOR_LONG;
      return {
        kind: 'dropped',
        text: `${why}${wasSeen === false ? '' : ', and left no persistent session'}: the command is lost`,
      };
    }
    if (isUnheard)
      return {
        kind: 'dropped',
        text: `${NOT_FOR_LONG}, and its session has not subscribed to ${topic}: the command is lost`,
      };
    if (isStored)
      return { kind: 'kept', text: `${NOT_FOR_LONG}: the command is kept for it until its session expires` };
    return {
      kind: 'unknown',
      text:
        `${NOT_FOR_LONG}: the command is kept if it left a persistent session that has not ` +
        'expired (an hour, unless raised), and lost otherwise',
    };
  }
  const { connected, cleanSession, disconnectedSince = now, sessionExpiry = 0 } = connection;
  if (connected) {
    if (isUnheard)
      return { kind: 'dropped', text: `is connected, but has not subscribed to ${topic}: the command is lost` };
    const condition = matching === undefined ? `, if it has subscribed to ${topic}` : '';
    return { kind: 'sent', text: `is connected: the command is on its way${condition}` };
  }
  const gone = `is not connected (left ${formatAgo(disconnectedSince, now)})`;
  if (cleanSession) return { kind: 'dropped', text: `${gone} and left no persistent session: the command is lost` };
  const keptUntil = disconnectedSince + sessionExpiry * 1_000;
  if (keptUntil <= now || subscriptions === undefined) {
    return { kind: 'dropped', text: `${gone} and its session has expired: the command is lost` };
  }
  if (isUnheard)
    return { kind: 'dropped', text: `${gone}, and its session has not subscribed to ${topic}: the command is lost` };
  if (isStored === false) {
    return {
      kind: 'dropped',
      text: `${gone}, and its session has subscribed with QoS 0, for which nothing is kept: the command is lost`,
    };
  }
  const until = formatMinute(keptUntil);
  return { kind: 'kept', keptUntil, text: `${gone}: the command is kept for it until ${until}` };
}

const NOT_FOR_LONG = 'has not been connected for half an hour';

/** Whether a topic filter takes a topic, which does not begin with "$" (MQTT 3.1.1, 4.7). */
function isMatch(filter: string, topic: string): boolean {
  const levels = topic.split('/');
  const wanted = filter.split('/');
  const isSame = wanted.every(
    (level, at) => level === '#' || (at < levels.length && (level === '+' || level === levels[at])),
  );
  return isSame && (wanted.at(-1) === '#' ? levels.length >= wanted.length - 1 : levels.length === wanted.length);
}
