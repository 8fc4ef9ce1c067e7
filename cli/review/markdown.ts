import type { Part, ReportDocument, Section, Span } from './document.ts';

/** A section with more lines than that is folded. */
const LONGEST_UNFOLDED = 12;

/**
 * A report in GitHub's Markdown.
 *
 * @param limit the most characters it may have; what is cut then are the last sections, never the urgent ones, and the
 * last line says so. GitHub's comments hold 65,536.
 */
export function markdown({ title, summary, sections, footer }: ReportDocument, limit = Infinity): string {
  const head = [`## ${escaped(title)}`, inline(summary)];
  const tail = footer.map(inline);
  const blocks = sections.map(({ urgent, ...section }) => ({ urgent, text: sectionText({ urgent, ...section }) }));
  const all = [...head, ...blocks.map(({ text }) => text), ...tail].join('\n\n');
  if (all.length + 1 <= limit) return all;

  let room = limit - [...head, ...tail, notice(sections.length)].join('\n\n').length - 2 * blocks.length;
  for (const { urgent, text } of blocks) if (urgent) room -= text.length;
  const kept = blocks.filter(({ urgent, text }) => {
    if (urgent) return true;
    room -= text.length;
    return room >= 0;
  });
  const text = [...head, ...kept.map((block) => block.text), notice(blocks.length - kept.length), ...tail].join('\n\n');
  return text.length + 1 <= limit ? text : `${text.slice(0, Math.max(0, limit - 3))}…\n`;
}

function notice(sections: number): string {
  return `**${sections} more sections did not fit in here.** All of it: \`npx fleet review --format md\``;
}

function sectionText({ title, urgent, parts }: Section): string {
  const body = joined(parts.map(partText));
  return urgent || parts.length <= LONGEST_UNFOLDED
    ? `### ${escaped(title)}\n\n${body}`
    : `<details><summary><b>${escaped(title)}</b> (${parts.length})</summary>\n\n${body}\n\n</details>`;
}

function partText(part: Part): string {
  if (!('block' in part)) return `- ${inline(part)}`;
  const fence = fenceFor(part.block);
  const lines = [`${fence}${part.language}`, ...part.block.split('\n'), fence];
  return lines.map((line) => `  ${line}`.trimEnd()).join('\n');
}

/** A block belongs to the line above it. */
function joined(lines: readonly string[]): string {
  return lines
    .map((line) => (line.startsWith('  ') ? `\n${line}\n` : line))
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trimEnd();
}

function inline(spans: readonly Span[]): string {
  return spans.map(spanText).join('');
}

function spanText(span: Span): string {
  if (typeof span === 'string') return escaped(span);
  if ('strong' in span) return `**${escaped(span.strong)}**`;
  const text = span.code.replaceAll('\n', ' ');
  const longest = longestRun(text);
  if (longest === 0) return `\`${text}\``;
  const ticks = '`'.repeat(longest + 1);
  return `${ticks} ${text} ${ticks}`;
}

function fenceFor(text: string): string {
  return '`'.repeat(Math.max(3, longestRun(text) + 1));
}

/** Of backticks. */
function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}

/** A reason that someone wrote shall neither make a heading nor notify anybody. */
function escaped(text: string): string {
  return text
    .replaceAll('\n', ' ')
    .replace(/[\\`*_[\]<>|~]/g, '\\$&')
    .replace(/^([#+-]|\d+\.)/, '\\$1')
    .replaceAll('@', '@&#8203;');
}
