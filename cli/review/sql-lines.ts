/** A string, a bracket, a space before a clause or a condition, a comma. */
const BREAKS = /'(?:[^']|'')*'|[()]| (?=(FROM|WHERE) )| (?=(AND|OR) )|, /gi;

/** A statement with a line for each item, clause and condition, so that people see which one changes. */
export function sqlLines(sql: string): string {
  let depth = 0;
  return sql.replace(BREAKS, (piece, clause: string | undefined, condition: string | undefined) => {
    if (piece === '(') depth += 1;
    if (piece === ')') depth -= 1;
    if (depth > 0) return piece;
    if (piece === ', ') return ',\n  ';
    return clause !== undefined ? '\n' : condition !== undefined ? '\n  ' : piece;
  });
}
