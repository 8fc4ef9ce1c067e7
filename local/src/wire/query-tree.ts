// Read by hand: the SDK writes the query protocol and reads it nowhere.

/** A form as a tree: `Tags.member.1.Key=a` is `{ Tags: { member: [{ Key: 'a' }] } }`. */
export type QueryTree = { [name: string]: QueryTree | QueryTree[] | string };

/**
 * Reads the AWS query protocol's flat parameters into the tree that the same shapes make in XML, so that the SDK's own XML
 * reader types them.
 */
export function queryTree(parameters: URLSearchParams): QueryTree {
  const root: QueryTree = Object.create(null) as QueryTree;
  for (const [key, value] of parameters) {
    const path = key.split('.');
    let node = root;
    for (const name of path.slice(0, -1)) {
      const next = node[name];
      if (typeof next === 'object' && !Array.isArray(next)) node = next;
      else node = node[name] = Object.create(null) as QueryTree;
    }
    node[path.at(-1) ?? ''] = value;
  }
  return orderLists(root) as QueryTree;
}

// Numbered children are a list; their numbers give the order and may have gaps.
function orderLists(node: QueryTree | string): QueryTree | QueryTree[] | string {
  if (typeof node === 'string') return node;
  const names = Object.keys(node);
  if (names.length > 0 && names.every((name) => /^\d+$/.test(name)))
    return names
      .sort((a, b) => Number(a) - Number(b))
      .map((name) => orderLists(node[name] as QueryTree | string) as QueryTree);
  const tree: QueryTree = Object.create(null) as QueryTree;
  for (const name of names) tree[name] = orderLists(node[name] as QueryTree | string);
  return tree;
}
