// By hand: what is compared changes in one place, and stands there as one block.

/**
 * Two texts line by line, as `diff` shows them: `- ` before what is gone, `+ ` before what is new. What they share at
 * the beginning and at the end stands once, behind two spaces. An empty text has no lines.
 */
export function lineDiff(before: string, after: string): string {
  const [then, now] = [linesOf(before), linesOf(after)];
  const shortest = Math.min(then.length, now.length);
  let start = 0;
  while (start < shortest && then[start] === now[start]) start += 1;
  let end = 0;
  while (end < shortest - start && then.at(-1 - end) === now.at(-1 - end)) end += 1;
  return [
    ...then.slice(0, start).map((line) => `  ${line}`),
    ...then.slice(start, then.length - end).map((line) => `- ${line}`),
    ...now.slice(start, now.length - end).map((line) => `+ ${line}`),
    ...then.slice(then.length - end).map((line) => `  ${line}`),
  ].join('\n');
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.split('\n');
}
