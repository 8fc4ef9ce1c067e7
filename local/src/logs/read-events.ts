import type * as sdk from '@aws-sdk/client-cloudwatch-logs';
import { AwsError, NotImplementedError } from '../errors.ts';
import { pageOf } from '../paging.ts';
import type { Operations } from '../service.ts';
import type { LogEvent, LogStore } from './log-store.ts';

const MOST = 10_000;

const within =
  ({ startTime = 0, endTime = Infinity }: { startTime?: number | undefined; endTime?: number | undefined }) =>
  ({ timestamp }: LogEvent): boolean =>
    timestamp >= startTime && timestamp < endTime;

/** Terms, which all have to be in the message: the one form of CloudWatch's filter patterns that is known here. */
function filter(pattern: string): (message: string) => boolean {
  const terms = pattern.match(/"[^"]*"|\S+/g) ?? [];
  const other = terms.find((term) => !/^(?:"[^"]*"|\w+)$/.test(term));
  if (other !== undefined) throw new NotImplementedError(`${other} in a filterPattern of logs:FilterLogEvents`);
  const wanted = terms.map((term) => term.replace(/^"|"$/g, ''));
  return (message) => wanted.every((term) => message.includes(term));
}

/** `f/<n>` goes on with event n, `b/<n>` ends before it. */
function readToken(token: string): { readonly forward: boolean; readonly position: number } {
  const [, direction, position] = /^([fb])\/(\d+)$/.exec(token) ?? [];
  if (position === undefined) throw new AwsError('InvalidParameterException', 'The specified nextToken is invalid.');
  return { forward: direction === 'f', position: Number(position) };
}

export const readEventOperations = (store: LogStore): Operations<typeof sdk> => ({
  GetLogEvents: {
    takes: ['logGroupName', 'logStreamName', 'startTime', 'endTime', 'startFromHead', 'limit', 'nextToken'],
    resource: ({ logGroupName, logStreamName }) => store.resource(logGroupName, logStreamName),
    handle: (input) => {
      const { limit = MOST, startFromHead = false, nextToken } = input;
      const events = store
        .events(store.stream(store.group(input.logGroupName).name, input.logStreamName))
        .filter(within(input));
      const { forward, position } = nextToken
        ? readToken(nextToken)
        : { forward: startFromHead, position: startFromHead ? 0 : events.length };
      const start = forward ? position : Math.max(0, position - limit);
      const end = forward ? Math.min(events.length, position + limit) : position;
      return {
        events: events.slice(start, end).map(({ timestamp, message, ingestionTime }) => ({
          timestamp,
          message,
          ingestionTime,
        })),
        // At either end the token that was sent comes back: that is how a caller knows.
        nextForwardToken: `f/${end}`,
        nextBackwardToken: `b/${start}`,
      };
    },
  },
  FilterLogEvents: {
    takes: [
      ...(['logGroupName', 'logStreamNames', 'logStreamNamePrefix', 'startTime', 'endTime'] as const),
      ...(['filterPattern', 'limit', 'nextToken', 'interleaved'] as const),
    ],
    resource: ({ logGroupName }) => store.resource(logGroupName),
    handle: (input) => {
      const { logStreamNames, logStreamNamePrefix = '', filterPattern = '', limit = MOST, nextToken: token } = input;
      const passes = filter(filterPattern);
      const found = store
        .streams(store.group(input.logGroupName).name)
        .filter(({ name }) => name.startsWith(logStreamNamePrefix) && (logStreamNames?.includes(name) ?? true))
        .flatMap((stream) => store.events(stream).map((event) => ({ ...event, stream: stream.name })))
        .filter((event) => within(input)(event) && passes(event.message));
      const order = ({ timestamp, id }: LogEvent): string => `${String(timestamp).padStart(16, '0')}/${id}`;
      const { items, next } = pageOf(found, order, { limit, token });
      return {
        events: items.map(({ stream, timestamp, message, ingestionTime, id }) => ({
          logStreamName: stream,
          timestamp,
          message,
          ingestionTime,
          eventId: id,
        })),
        searchedLogStreams: [],
        nextToken: next,
      };
    },
  },
});
