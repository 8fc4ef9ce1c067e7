import { randomUUID } from 'node:crypto';
import type { Log, Refusal } from '../log.ts';
import type { LogStore, LogStream } from '../logs/log-store.ts';
import type { Account } from '../service.ts';

/** Where AWS IoT writes its log (DG, cloud-watch-logs). */
const GROUP = 'AWSIotLogsV2';

/** Whoever is refused may come again at once, and for ever. What goes beyond stands in the local cloud's own log alone. */
const MOST_A_SECOND = 50;
const RETENTION_DAYS = 1;

/** The event types of the message broker's entries (DG, cwl-format), by what was refused. */
const EVENT_TYPES: Readonly<Record<string, string>> = {
  'iot:Connect': 'Connect',
  'iot:Publish': 'Publish-In',
  'iot:RetainPublish': 'Publish-In',
  'iot:Subscribe': 'Subscribe',
  'iot:Receive': 'Publish-Out',
  'iot:CreateCertificateFromCsr': 'GetDeviceCredentials',
  'iot:CreateKeysAndCertificate': 'GetDeviceCredentials',
  'iot:RegisterThing': 'ProvisionDevice',
};

/** The event types of device provisioning, whose entries have no reason. */
const PROVISIONING = ['GetDeviceCredentials', 'ProvisionDevice'];

/**
 * A log that AWS IoT's own log shares the refusals of the broker with, as entries of CloudWatch Logs of level ERROR. At AWS,
 * `details` says less.
 *
 * @param isOn whether somebody has turned that log on (SetV2LoggingOptions)
 */
export function withIotLog(log: Log, store: LogStore, account: Account, isOn: () => boolean): Log {
  let second = 0;
  let written = 0;
  return {
    ...log,
    refused: (refusal) => {
      log.refused(refusal);
      if (!isOn()) return;
      const now = Date.now();
      if (Math.floor(now / 1_000) !== second) [second, written] = [Math.floor(now / 1_000), 0];
      if (++written <= MOST_A_SECOND) append(store, account, refusal, now);
    },
  };
}

function append(store: LogStore, account: Account, refusal: Refusal, timestamp: number): void {
  const { action, resource, why, clientId, certificateId } = refusal;
  const [, topicName] = /:topic(?:filter)?\/(.*)$/s.exec(resource) ?? [];
  const eventType = EVENT_TYPES[action] ?? action;
  const entry = {
    timestamp: new Date(timestamp).toISOString().replace('T', ' ').slice(0, -1),
    logLevel: 'ERROR',
    traceId: randomUUID(),
    accountId: account.id,
    status: 'Failure',
    eventType,
    protocol: 'MQTT',
    topicName,
    clientId,
    principalId: certificateId,
    ...(PROVISIONING.includes(eventType) ? {} : { reason: 'AUTHORIZATION_FAILURE' }),
    details: why,
  };
  store.append(openStream(store, account), [{ timestamp, message: JSON.stringify(entry) }]);
}

/** It may have been deleted. */
function openStream(store: LogStore, account: Account): LogStream {
  const stream = `${account.id}_0`;
  if (!store.groups.has(GROUP)) {
    store.groups.set(GROUP, { name: GROUP, created: Date.now(), retentionInDays: RETENTION_DAYS, tags: {} });
  }
  if (store.findStream(GROUP, stream) === undefined) store.createStream(GROUP, stream);
  return store.stream(GROUP, stream);
}
