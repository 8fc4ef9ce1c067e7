import type * as sdk from '@aws-sdk/client-cloudwatch-logs';
import { AwsError } from '../errors.ts';
import { pageOf } from '../paging.ts';
import type { Operations } from '../service.ts';
import type { LogStore, LogStream } from './log-store.ts';

const MOST = 50;
// API Reference, PutLogEvents: a batch holds 10,000 events and 1 MiB, at 26 bytes an event beside its message.
const MAX_EVENTS = 10_000;
const MAX_BYTES = 1_048_576;
const EVENT_BYTES = 26;

const invalid = (message: string): AwsError => new AwsError('InvalidParameterException', message);

function checkEvents(events: readonly sdk.InputLogEvent[]): { timestamp: number; message: string }[] {
  if (events.length < 1 || events.length > MAX_EVENTS) throw invalid(`logEvents must hold 1 to ${MAX_EVENTS} events.`);
  let bytes = 0;
  let last = 0;
  return events.map(({ timestamp = 0, message = '' }) => {
    bytes += Buffer.byteLength(message) + EVENT_BYTES;
    if (bytes > MAX_BYTES) throw invalid('Upload too large: a batch holds 1 MiB.');
    if (message === '') throw invalid('A message must have a length of at least 1.');
    if (timestamp < last) throw invalid('Log events in a single PutLogEvents request must be in chronological order.');
    last = timestamp;
    return { timestamp, message };
  });
}

const describe = (store: LogStore, stream: LogStream) => ({
  logStreamName: stream.name,
  creationTime: stream.created,
  firstEventTimestamp: stream.firstEvent,
  lastEventTimestamp: stream.lastEvent,
  lastIngestionTime: stream.lastIngestion,
  arn: store.resource(stream.group, stream.name),
});

export const logStreamOperations = (store: LogStore): Operations<typeof sdk> => ({
  CreateLogStream: {
    resource: ({ logGroupName, logStreamName }) => store.resource(logGroupName, logStreamName),
    handle: ({ logGroupName, logStreamName: name = '' }) => {
      const group = store.group(logGroupName);
      if (!/^[^:*]{1,512}$/.test(name)) throw invalid(`The log stream name ${name} is not valid.`);
      if (store.findStream(group.name, name))
        throw new AwsError('ResourceAlreadyExistsException', 'The specified log stream already exists');
      store.createStream(group.name, name);
    },
  },
  DescribeLogStreams: {
    takes: ['logGroupName', 'logStreamNamePrefix', 'orderBy', 'descending', 'limit', 'nextToken'],
    resource: ({ logGroupName }) => store.resource(logGroupName),
    handle: (input) => {
      const { logStreamNamePrefix: prefix = '', orderBy, descending, limit = MOST, nextToken: token } = input;
      const byTime = orderBy === 'LastEventTime';
      const order = (a: LogStream, b: LogStream): number =>
        (byTime ? (a.lastEvent ?? 0) - (b.lastEvent ?? 0) : 0) || (a.name < b.name ? -1 : 1);
      const ordered = store
        .streams(store.group(input.logGroupName).name)
        .filter(({ name }) => name.startsWith(prefix))
        .sort((a, b) => (descending ? order(b, a) : order(a, b)))
        .map((stream, index) => ({ stream, position: String(index).padStart(8, '0') }));
      const { items, next } = pageOf(ordered, ({ position }) => position, { limit, token });
      return { logStreams: items.map(({ stream }) => describe(store, stream)), nextToken: next };
    },
  },
  PutLogEvents: {
    // Since 2023 a sequence token is taken and not looked at (API Reference, PutLogEvents).
    takes: ['logGroupName', 'logStreamName', 'logEvents', 'sequenceToken'],
    resource: ({ logGroupName, logStreamName }) => store.resource(logGroupName, logStreamName),
    handle: ({ logGroupName, logStreamName, logEvents = [] }) => {
      const stream = store.stream(store.group(logGroupName).name, logStreamName);
      store.append(stream, checkEvents(logEvents));
    },
  },
});
