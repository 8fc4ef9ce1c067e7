/** The most characters that GitHub takes in a comment. */
const LIMIT = 65_536;

/** By which the comment is found again. Readers do not see it. */
export const MARKER = '<!-- esp-fleet: review -->';

export interface Reviewed {
  /** The commit that the report is about. */
  readonly commit: string;
  /** Where the whole report and the templates are. */
  readonly link: string;
}

/**
 * The comment for a report of `fleet review --format md`. What is too long loses its last sections, folded ones first,
 * and says so: what may not be missed stands on top and is never folded.
 *
 * @throws {Error} when not even the first section fits
 */
export function commentBody(report: string, { commit, link }: Reviewed): string {
  const footer = `<sub>${commit} · [whole report and templates](${link})</sub>`;
  const [head = '', ...sections] = report.trim().split(/\n\n(?=### |<details>)/);
  const cut = new Set<number>();
  for (;;) {
    const kept = sections.filter((_, index) => !cut.has(index));
    const notice = `**${cut.size} more sections did not fit in here: see the [whole report](${link}).**`;
    const body = [MARKER, head, ...kept, ...(cut.size > 0 ? [notice] : []), footer].join('\n\n');
    if (body.length <= LIMIT) return body;
    const last = lastToCut(sections, cut);
    if (last === undefined) throw new Error(`the report has no room in a comment: ${link}`);
    cut.add(last);
  }
}

function lastToCut(sections: readonly string[], cut: ReadonlySet<number>): number | undefined {
  const left = sections.map((_, index) => index).filter((index) => !cut.has(index));
  return left.findLast((index) => sections[index]?.startsWith('<details>')) ?? left.slice(1).at(-1);
}
