import { matchesTopicFilter } from './sql/index.ts';

/**
 * Whether a topic matches a filter at AWS IoT, where unlike in MQTT 3.1.1 `sensor/#` does not match `sensor` (DG, "AWS IoT
 * differences from MQTT").
 */
export const matchesAtAws = (filter: string, topic: string): boolean =>
  matchesTopicFilter(filter, topic) && (!filter.endsWith('/#') || levels(topic) >= levels(filter));

const levels = (text: string): number => text.split('/').length;

const BASIC_INGEST = /^\$aws\/rules\/([^/]*)(?:\/(.*))?$/s;

/** The rule that a basic-ingest topic names, and the topic that the rule sees; undefined for any other topic. */
export function basicIngest(topic: string): { readonly ruleName: string; readonly topic: string } | undefined {
  const [, ruleName, rest = ''] = BASIC_INGEST.exec(topic) ?? [];
  return ruleName === undefined ? undefined : { ruleName, topic: rest };
}
