import type * as sdk from '@aws-sdk/client-sns';
import { randomUUID } from 'node:crypto';
import type { Dispatcher } from '../dispatcher.ts';
import { AwsError } from '../errors.ts';
import type { IamStore } from '../iam/iam-store.ts';
import type { Log } from '../log.ts';
import type { Operations } from '../service.ts';
import { type Subscription, type TopicStore, invalid } from './topic-store.ts';

/** API Reference, Publish: 256 KB. */
const MAX_BYTES = 262_144;

/** Who delivers: what the policy of a queue or of a function has to let in. */
const SNS_PRINCIPAL = 'sns.amazonaws.com';

interface Notification {
  readonly Type: 'Notification';
  readonly MessageId: string;
  readonly TopicArn: string;
  readonly Subject?: string;
  readonly Message: string;
  readonly Timestamp: string;
}

export interface Delivery {
  readonly dispatcher: Dispatcher;
  readonly iam: IamStore;
  readonly log: Log;
}

/** The operation answers when each subscription has its message, or the log says why it has not; nothing is tried again. */
export const publish = (store: TopicStore, delivery: Delivery): Operations<typeof sdk>['Publish'] =>
  store.operation({
    takes: ['TopicArn', 'Message', 'Subject', 'MessageStructure'],
    handle: async (topic, input) => {
      const { TopicArn = '', Subject } = input;
      if (Subject !== undefined && !/^[!-~][ -~]{0,99}$/.test(Subject)) throw invalid('Subject');
      const textFor = texts(input);
      const MessageId = randomUUID();
      const common = { Type: 'Notification', MessageId, TopicArn, ...(Subject !== undefined && { Subject }) } as const;
      const Timestamp = new Date().toISOString();
      await Promise.all(
        store.subscriptionsOf(topic).map(async (subscription) => {
          const Message = textFor(subscription.Protocol);
          await deliver(subscription, { ...common, Message, Timestamp }, delivery);
        }),
      );
      return { MessageId };
    },
  });

/** What each protocol gets: with MessageStructure json the message is an object with a text for each, and one for the others. */
function texts({ Message = '', MessageStructure }: sdk.PublishInput): (protocol: string) => string {
  if (Message === '') throw invalid('Empty message');
  if (Buffer.byteLength(Message) > MAX_BYTES) throw invalid('Message too long');
  if (MessageStructure === undefined) return () => Message;
  if (MessageStructure !== 'json') throw invalid('MessageStructure');
  let byProtocol: unknown;
  try {
    byProtocol = JSON.parse(Message);
  } catch {
    throw invalid('Message Structure - JSON message body failed to parse');
  }
  const textOf = (protocol: string): string | undefined => {
    const text: unknown = Object.entries(byProtocol ?? {}).find(([name]) => name === protocol)?.[1];
    return typeof text === 'string' ? text : undefined;
  };
  const standard = textOf('default');
  if (standard === undefined) throw invalid('Message Structure - No default entry in JSON message body');
  return (protocol) => textOf(protocol) ?? standard;
}

async function deliver(to: Subscription, notification: Notification, { dispatcher, iam, log }: Delivery) {
  const { Protocol, Endpoint, SubscriptionArn, raw } = to;
  const principal = { ...iam.servicePrincipal(SNS_PRINCIPAL), sourceArn: to.TopicArn };
  try {
    if (Protocol === 'sqs') {
      const [region, account, name] = Endpoint.split(':').slice(3);
      await dispatcher.invoke(principal, 'sqs', 'SendMessage', {
        QueueUrl: `https://sqs.${region}.amazonaws.com/${account}/${name}`,
        MessageBody: raw ? notification.Message : JSON.stringify(notification),
      });
    } else {
      const Sns = { Subject: null, MessageAttributes: {}, ...notification };
      const record = { EventSource: 'aws:sns', EventVersion: '1.0', EventSubscriptionArn: SubscriptionArn, Sns };
      const Payload = Buffer.from(JSON.stringify({ Records: [record] }));
      const event = { FunctionName: Endpoint, InvocationType: 'Event', Payload };
      await dispatcher.invoke(principal, 'lambda', 'Invoke', event);
    }
  } catch (error) {
    // A refusal has its line in the log already.
    if (error instanceof AwsError && error.code === 'AccessDeniedException') return;
    const why = error instanceof AwsError ? `${error.code}: ${error.message}` : String(error);
    log.warn(`sns: a message of ${to.TopicArn} did not reach ${Endpoint}: ${why}`);
  }
}
