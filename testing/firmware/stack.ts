/** The stack that functions take, from what gcc writes with -fcallgraph-info=su. */
export interface StackUse {
  /** Bytes of the function with the largest frame. */
  readonly largest: number;
  /** Its name. */
  readonly function: string;
  /** Bytes of the deepest chain of calls within these files; calls through pointers are where it ends. */
  readonly deepest: number;
}

/**
 * @param graphs the texts of the .ci files
 * @param folder of the sources that count; others, such as headers that stand for the core, take nothing
 * @throws when a function calls itself, or takes a number of bytes that only running it would tell
 */
export function stackUse(graphs: readonly string[], folder: string): StackUse {
  const frames = new Map<string, { readonly name: string; readonly bytes: number }>();
  const calls = new Map<string, Set<string>>();
  for (const graph of graphs) {
    for (const [, title = '', name = '', source = '', bytes = '', kind = ''] of graph.matchAll(
      /^node: \{ title: "([^"]+)" label: "(.+?)\\n([^"\\]+)\\n(\d+) bytes \(([^)]+)\)" \}$/gm,
    )) {
      if (!source.startsWith(folder)) continue;
      if (kind !== 'static') throw new Error(`${name}: the stack that it takes is ${kind}`);
      frames.set(title, { name, bytes: Number(bytes) });
    }
    for (const [, from = '', to = ''] of graph.matchAll(/^edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"/gm))
      calls.set(from, (calls.get(from) ?? new Set()).add(to));
  }

  const depths = new Map<string, number>();
  const depth = (title: string, callers: readonly string[]): number => {
    const known = depths.get(title);
    if (known !== undefined) return known;
    if (callers.includes(title)) throw new Error(`${title} calls itself`);
    const below = [...(calls.get(title) ?? [])].map((called) => depth(called, [...callers, title]));
    const bytes = (frames.get(title)?.bytes ?? 0) + Math.max(0, ...below);
    depths.set(title, bytes);
    return bytes;
  };
  const [largest] = [...frames.values()].sort((a, b) => b.bytes - a.bytes);
  if (largest === undefined) throw new Error('no function in these graphs');
  return {
    largest: largest.bytes,
    function: largest.name,
    deepest: Math.max(...[...frames.keys()].map((title) => depth(title, []))),
  };
}
