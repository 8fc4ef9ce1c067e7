import { type Document, isMap, isScalar, LineCounter, parseDocument, visit, type YAMLError } from 'yaml';
import { FleetFileError } from './fleet-file-error.ts';
import { readText } from './read-text.ts';

/** A fleet file as it stands, with the line of everything in it. */
export interface FleetDocument {
  readonly file: string;
  readonly text: string;
  readonly document: Document.Parsed;
  /** The line, counted from 1, of a key. A path that is not in the document gives the line of its nearest parent. */
  readonly lineOf: (path: readonly PropertyKey[]) => number;
}

/**
 * Reads a fleet file and refuses what is not one plain YAML document.
 *
 * @throws {FleetFileError} with the line of the first mistake
 */
export function readFleetDocument(file: string): FleetDocument {
  const text = readText(file);
  const lines = new LineCounter();
  const lineAt = (offset: number) => lines.linePos(offset).line;
  // Names such as 0123 and 1.0 stay the text they are (stringKeys).
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });

  const [mistake] = [...document.errors, ...document.warnings];
  if (mistake !== undefined) {
    throw new FleetFileError(file, lineAt(mistake.pos[0]), inWords(mistake, document));
  }
  visit(document, {
    // An alias would tie two devices together: revoking one of them would revoke the other.
    Alias: (_, alias) => {
      throw new FleetFileError(
        file,
        lineAt(alias.range?.[0] ?? 0),
        `the alias *${alias.source} is not allowed; write it out`,
      );
    },
  });
  return { file, text, document, lineOf: (path) => lineAt(offsetOf(document, path)) };
}

function offsetOf(document: Document.Parsed, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents;
  let offset = document.contents?.range[0] ?? 0;
  for (const key of path) {
    const pair = isMap(node) ? node.items.find((item) => isScalar(item.key) && item.key.value === key) : undefined;
    if (pair === undefined || !isScalar(pair.key)) break;
    offset = pair.key.range?.[0] ?? offset;
    node = pair.value;
  }
  return offset;
}

function inWords(mistake: YAMLError, document: Document.Parsed): string {
  switch (mistake.code) {
    case 'DUPLICATE_KEY':
      return `${JSON.stringify(keyAt(document, mistake.pos[0]))} stands here a second time; allowed: once`;
    case 'MULTIPLE_DOCS':
      return 'a second YAML document starts here; allowed: one a file';
    default:
      return `not valid YAML: ${mistake.message}`;
  }
}

function keyAt(document: Document.Parsed, offset: number): string {
  let found = '';
  visit(document, {
    Scalar: (_, scalar) => {
      if (scalar.range?.[0] !== offset) return undefined;
      found = String(scalar.value);
      return visit.BREAK;
    },
  });
  return found;
}
