import type { Part, ReportDocument, Section, Span } from './document.ts';

/** A section with more lines than that is folded. */
const LONGEST_UNFOLDED = 12;

/** A report in GitHub's Markdown: what is urgent in full, long lists of the rest folded. */
export function markdown({ title, summary, sections, footer }: ReportDocument): string {
  return [`## ${escaped(title)}`, inline(summary), ...sections.map(sectionText), ...footer.map(inline)].join('\n\n');
}

function sectionText({ title, urgent, parts }: Section): string {
  const body = parts
    .map(partText)
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
  return urgent || parts.length <= LONGEST_UNFOLDED
    ? `### ${escaped(title)}\n\n${body}`
    : `<details><summary><b>${escaped(title)}</b> (${parts.length})</summary>\n\n${body}\n\n</details>`;
}

function partText(part: Part, index: number): string {
  if (!('block' in part)) return `- ${inline(part)}`;
  const fence = fenceFor(part.block);
  const lines = [`${fence}${part.language}`, ...part.block.split('\n'), fence];
  // With this indent it belongs to the line above it.
  const indent = index === 0 ? '' : '  ';
  return `\n${lines.map((line) => `${indent}${line}`.trimEnd()).join('\n')}\n`;
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
