import { colours, lineWidth, type Output, printable, wrapped } from '../terminal/terminal.ts';
import type { Part, ReportDocument, Span } from './document.ts';

/** A report for a terminal. */
export function plainText(output: Output, { title, summary, sections, footer }: ReportDocument): string {
  const { bold, red } = colours(output);
  const line = (spans: readonly Span[], indent = '') =>
    wrapped(output, indent + spans.map((span) => spanText(span, bold)).join(''), undefined, indent.length * 2);
  const part = (one: Part) =>
    'block' in one
      ? one.block
          .split('\n')
          .map((text) => wrapped(output, `      ${printable(text)}`, lineWidth(output), 10))
          .join('\n')
      : line(one, '  ');
  return [
    [bold(title), line(summary)].join('\n'),
    ...sections.map(({ title: heading, urgent, parts }) =>
      [urgent ? red(bold(heading)) : bold(heading), ...parts.map(part)].join('\n'),
    ),
    footer.map((spans) => line(spans)).join('\n'),
  ].join('\n\n');
}

function spanText(span: Span, bold: (text: string) => string): string {
  if (typeof span === 'string') return printable(span);
  return 'strong' in span ? bold(printable(span.strong)) : printable(span.code);
}
