/** Whether `filter` is an MQTT 3.1.1 topic filter: `+` fills a level, `#` fills the last one (section 4.7). */
export function isTopicFilter(filter: string): boolean {
  const levels = filter.split('/');
  return (
    filter !== '' &&
    levels.every((level, i) => {
      if (level === '#') return i === levels.length - 1;
      return level === '+' || !(level.includes('#') || level.includes('+'));
    })
  );
}

/**
 * Whether a topic matches a topic filter, by MQTT 3.1.1 section 4.7: `rtjm/#` matches `rtjm` too, and no filter that begins
 * with a wildcard matches a topic that begins with `$`.
 */
export function matchesTopicFilter(filter: string, topic: string): boolean {
  if (topic.startsWith('$') && (filter.startsWith('+') || filter.startsWith('#'))) return false;
  const levels = filter.split('/');
  const names = topic.split('/');
  for (const [i, level] of levels.entries()) {
    if (level === '#') return i === levels.length - 1;
    if (i >= names.length || (level !== '+' && level !== names[i])) return false;
  }
  return levels.length === names.length;
}
