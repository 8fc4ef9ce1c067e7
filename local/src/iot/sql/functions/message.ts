import { randomUUID } from 'node:crypto';
import { toDouble } from '../decimal.ts';
import type { Message } from '../message.ts';
import { toIntDown, type Value } from '../values.ts';
import { ofMessage, type FunctionTable } from './function.ts';

/** The whole topic, or the segment with a number that counts from 1. */
function topic(args: readonly Value[], message: Message): Value {
  if (args.length === 0) return message.topic;
  const segment = toIntDown(args[0]);
  return segment === undefined ? undefined : message.topic.split('/')[toDouble(segment) - 1];
}

export const messageFunctions: FunctionTable = {
  accountid: ofMessage((message) => message.accountId),
  clientid: ofMessage((message) => message.clientId ?? 'n/a'),
  newuuid: { arity: [0, 0], isRandom: true, call: () => randomUUID() },
  principal: ofMessage((message) => message.principal),
  sql_version: { arity: [0, 0], call: (_, __, { version = '2016-03-23' }) => version },
  timestamp: ofMessage((message) => message.timestamp),
  topic: { arity: [0, 1], call: topic },
  traceid: ofMessage((message) => (message.clientId === undefined ? undefined : message.traceId)),
};
