import type { GetConnectionResponse } from '@aws-sdk/client-iot-data-plane';
import { formatAgo, formatMillisecond } from './time.ts';

/** What becomes of a command with QoS 1. */
export interface Fate {
  readonly kind: 'sent' | 'kept' | 'dropped' | 'unknown';
  /** Milliseconds since 1970. */
  readonly keptUntil?: number;
  /** Goes on after the name of the device. */
  readonly text: string;
}

/**
 * Read from what AWS IoT knows of the device's connection. The broker stores messages with QoS 1 for the subscriptions of
 * a persistent session until that expires, counted from when the client went, and discards them then (Developer Guide,
 * "MQTT persistent sessions"). How a connection ended is known for half an hour (API Reference, GetConnection).
 *
 * @param now in milliseconds since 1970
 */
export function fateOfCommand(connection: GetConnectionResponse | undefined, now: number): Fate {
  if (connection === undefined) {
    return {
      kind: 'unknown',
      text:
        'has not been connected for half an hour: the command is kept if it left a persistent session that has not ' +
        'expired (an hour, unless raised), and lost otherwise',
    };
  }
  const { connected, cleanSession, disconnectedSince = now, sessionExpiry = 0 } = connection;
  if (connected) return { kind: 'sent', text: 'is connected: the command is on its way' };
  const gone = `is not connected (left ${formatAgo(disconnectedSince, now)})`;
  if (cleanSession) return { kind: 'dropped', text: `${gone} and left no persistent session: the command is lost` };
  const keptUntil = disconnectedSince + sessionExpiry * 1_000;
  if (keptUntil <= now) return { kind: 'dropped', text: `${gone} and its session has expired: the command is lost` };
  const until = formatMillisecond(keptUntil).slice(0, 'yyyy-mm-dd hh:mm'.length);
  return { kind: 'kept', keptUntil, text: `${gone}: the command is kept for it until ${until}` };
}
