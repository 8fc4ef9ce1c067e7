import { type Document, isAlias, isMap, isPair, isScalar, isSeq, type Node, parseDocument } from 'yaml';
import { validationError } from './template.ts';
import type { Value, ValueMap } from './value.ts';

// Short forms that do not stand for `Fn::` and their own name.
const SHORT_FORMS: Readonly<Record<string, string>> = { '!Ref': 'Ref', '!Condition': 'Condition' };

/** Reads a template in YAML, whose tags are short forms of intrinsic functions: `!Sub x` is `{ "Fn::Sub": x }`. */
export function readYaml(text: string): Value {
  const document = parseDocument(text, { schema: 'core', uniqueKeys: true });
  const [error] = document.errors;
  if (error) throw validationError(`Template format error: YAML not well-formed. (${error.message.split('\n', 1)[0]})`);
  return document.contents === null ? null : read(document.contents, document);
}

function read(node: Node, document: Document): Value {
  const value = plain(node, document);
  const tag = node.tag;
  if (tag === undefined || !tag.startsWith('!')) return value;
  const name = SHORT_FORMS[tag] ?? `Fn::${tag.slice(1)}`;
  // `!GetAtt A.B.C` is the attribute `B.C` of the resource A.
  if (name !== 'Fn::GetAtt' || typeof value !== 'string') return { [name]: value };
  const dot = value.indexOf('.');
  return { [name]: dot === -1 ? [value] : [value.slice(0, dot), value.slice(dot + 1)] };
}

function plain(node: Node, document: Document): Value {
  if (isAlias(node)) {
    const target = node.resolve(document);
    if (!target) throw validationError(`Template format error: no anchor for the alias ${node.source}`);
    return read(target, document);
  }
  if (isScalar(node)) return node.value as Value;
  if (isSeq(node)) return node.items.map((item) => read(item as Node, document));
  if (!isMap(node)) throw validationError('Template format error: unsupported YAML');
  const map: ValueMap = {};
  for (const pair of node.items) {
    if (!isPair(pair) || !isScalar(pair.key)) throw validationError('Template format error: a key must be a string');
    map[String(pair.key.value)] = pair.value === null ? null : read(pair.value as Node, document);
  }
  return map;
}
