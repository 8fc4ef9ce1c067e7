import { evaluate, jsonText, parseStatement, type Message, type Reading } from '../../../src/iot/sql/index.ts';

/** A message of the kitchen sensor; a payload that is no string and no bytes is written as JSON. */
export function messageOf(payload: unknown, fields: Partial<Message> = {}): Message {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  return {
    topic: 'rtjm/kitchen-sensor/telemetry',
    payload: payload instanceof Uint8Array ? payload : Buffer.from(text),
    clientId: 'kitchen-sensor',
    principal: 'ba67293af50bf2506f5f93469686da660c7c844e7b3950bfb16813e0d31e9373',
    accountId: '123456789012',
    timestamp: 1481825251155,
    traceId: '12345678-1234-1234-1234-123456789012',
    ...fields,
  };
}

/** What a statement selects, as `JSON.parse` reads it; `undefined` when WHERE does not match; bytes as they are. */
export function select(sql: string, message: Message, reading?: Reading): unknown {
  const result = evaluate(parseStatement(sql), message, reading);
  if (!result.matched) return undefined;
  return result.output instanceof Uint8Array ? result.output : (JSON.parse(jsonText(result.output)) as unknown);
}

/** The value of an expression, `undefined` for IoT SQL's Undefined. */
export function valueOf(expression: string, payload: unknown = {}, fields: Partial<Message> = {}): unknown {
  return (select(`SELECT ${expression} AS value`, messageOf(payload, fields)) as { value?: unknown }).value;
}
