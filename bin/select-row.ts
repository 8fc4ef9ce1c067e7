import { evaluate, jsonText, matchesTopicFilter, parseStatement } from '@esp-fleet/local-cloud/iot-sql';
import type { SampleMessage } from '../cli/review/rule-changes.ts';

/** When the sample message arrives, so that the same review reads alike tomorrow. */
const TIMESTAMP = Date.UTC(2026, 0, 31, 8);

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** What `fleet review` shows of a topic rule: the local cloud's own engine, which cli/ may not know of. */
export function selectRow(sql: string, { topic, payload }: SampleMessage): string | undefined {
  const statement = parseStatement(sql);
  if (statement.topicFilter !== undefined && !matchesTopicFilter(statement.topicFilter, topic)) return undefined;
  const selected = evaluate(statement, {
    topic,
    payload: Buffer.from(payload),
    clientId: topic.split('/')[1],
    principal: undefined,
    accountId: '111122223333',
    timestamp: TIMESTAMP,
    traceId: '',
  });
  if (!selected.matched) return undefined;
  const { output } = selected;
  const row = output instanceof Uint8Array ? `bytes: ${Buffer.from(output).toString('base64')}` : jsonText(output);
  return row.replace(UUID, 'UUID'); // newuuid() is random
}
