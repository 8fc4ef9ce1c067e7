import type { SelectRow } from '../cli/review/rule-changes.ts';

/** When the sample message arrives, so that the same review reads alike tomorrow. */
const TIMESTAMP = Date.UTC(2026, 0, 31, 8);

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** What `fleet review` shows sample rows with: the local cloud's own SQL engine, of which cli/ may not know. */
export async function loadSelectRow(): Promise<SelectRow> {
  const { evaluate, jsonText, matchesTopicFilter, parseStatement } = await import('@esp-fleet/local-cloud/iot-sql');
  return (sql, { topic, payload }) => {
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
  };
}
