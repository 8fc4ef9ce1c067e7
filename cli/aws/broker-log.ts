import {
  CloudWatchLogsClient,
  FilterLogEventsCommand,
  type FilteredLogEvent,
  ResourceNotFoundException,
} from '@aws-sdk/client-cloudwatch-logs';
import { z } from 'zod';
import { clientConfig } from '../../aws/clients.ts';
import { iotLogging } from '../../aws/iot-logging.ts';
import { unlessItThrows } from '../../lib/fleet/unless-it-throws.ts';

const logs = new CloudWatchLogsClient(clientConfig);

/** Where AWS IoT writes its log, once an account has turned that on (Developer Guide, "Configure AWS IoT logging"). */
const LOG_GROUP = 'AWSIotLogsV2';

/** One answer of FilterLogEvents may be empty although more follow. */
const MOST_PAGES = 10;

/** Something the broker did not allow. */
export interface LoggedDenial {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** The event type, such as Connect or Publish-In. */
  readonly what: string;
  readonly client?: string;
  /** The id of the certificate that it presented. */
  readonly certificate?: string;
  readonly topic?: string;
  readonly why: string;
}

/** An entry of the message broker (Developer Guide, "CloudWatch Logs AWS IoT log entries"). */
const entry = z.object({
  status: z.literal('Failure'),
  eventType: z.string(),
  clientId: z.string().optional(),
  principalId: z.string().optional(),
  topicName: z.string().optional(),
  reason: z.string().optional(),
  details: z.string().optional(),
});

/**
 * What AWS IoT's log says was refused since then, the newest first.
 *
 * @param since in milliseconds since 1970
 * @returns undefined where that log is off: by itself, an account has none
 */
export async function loggedDenials(since: number): Promise<LoggedDenial[] | undefined> {
  const found: LoggedDenial[] = [];
  let nextToken: string | undefined;
  try {
    for (let page = 0; page < MOST_PAGES; page++) {
      const answer = await logs.send(
        new FilterLogEventsCommand({ logGroupName: LOG_GROUP, filterPattern: 'Failure', startTime: since, nextToken }),
      );
      found.push(...(answer.events ?? []).flatMap(denialIn));
      nextToken = answer.nextToken;
      if (nextToken === undefined) break;
    }
  } catch (error) {
    // Its group is there once something has been logged.
    if (error instanceof ResourceNotFoundException) return (await iotLogging()).isOn ? [] : undefined;
    throw error;
  }
  return found.sort((a, b) => b.time - a.time);
}

function denialIn({ message = '', timestamp: time = 0 }: FilteredLogEvent): LoggedDenial[] {
  const parsed = entry.safeParse(unlessItThrows(() => JSON.parse(message) as unknown));
  if (!parsed.success) return [];
  const {
    eventType: what,
    clientId: client,
    principalId: certificate,
    topicName: topic,
    reason,
    details,
  } = parsed.data;
  const why = [...new Set([reason, details])].filter((text) => text !== undefined && text !== '').join(': ');
  const who = { ...(client && { client }), ...(certificate && { certificate }), ...(topic && { topic }) };
  return [{ time, what, why: why || 'AWS IoT does not say why', ...who }];
}
