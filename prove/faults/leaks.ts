/** What stands in a text that must stand in none; undefined when nothing does. */
export function leakIn(lines: readonly string[], keys: ReadonlySet<string>): string | undefined {
  const all = lines.join('\n');
  if (all.includes('PRIVATE KEY')) return 'a private key';
  if (all.includes('/cloudformation-response/')) return 'the URL of an answer to CloudFormation';
  return [...keys].some((key) => all.includes(key)) ? 'a part of a private key' : undefined;
}
