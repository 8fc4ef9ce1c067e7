import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

const FILES = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts'], {
  encoding: 'utf8',
})
  .trim()
  .split('\n')
  .filter(existsSync);

/** What a workspace is called where it is imported. */
const LOCAL = '@esp-fleet/local-cloud';

/** The files of ours that a file imports, types included. */
function importsOf(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8'));
  return importedFiles.flatMap(({ fileName }) => {
    if (fileName.startsWith('.')) return [join(dirname(file), fileName)];
    return fileName.startsWith(LOCAL) ? ['local/src/cloud.ts'] : [];
  });
}

const IMPORTS = new Map(FILES.map((file) => [file, importsOf(file)]));

/** By the map in CONTRIBUTING.md: a folder, and the beginnings of what it may import; undefined where that is everything. */
const MAP = new Map(
  Array.from(readFileSync('CONTRIBUTING.md', 'utf8').matchAll(/^\| `([\w./]+)\/` +\|[^|]*\|([^|]*)\|$/gm)).map(
    ([, folder = '', may = '']) => [
      folder,
      may.includes('everything') ? undefined : Array.from(may.matchAll(/`([^`]+)`/g), ([, name = '']) => name),
    ],
  ),
);

const isIn = (file: string, folder: string): boolean => file.startsWith(`${folder}/`);
/** The entry of the map that a file comes under: the longest. */
const roomOf = (file: string): string | undefined =>
  [...MAP.keys()].filter((folder) => isIn(file, folder)).sort((a, b) => b.length - a.length)[0];
const topOf = (file: string): string => file.split('/')[0] ?? '';

function isAllowed(file: string, imported: string): boolean {
  const room = roomOf(file);
  const may = room === undefined ? [] : MAP.get(room);
  return may === undefined || topOf(file) === topOf(imported) || may.some((folder) => isIn(imported, folder));
}

/** The first way from a file back to itself. */
function circle(imports: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const done = new Set<string>();
  const from = (file: string, way: readonly string[]): readonly string[] | undefined => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const imported of imports.get(file) ?? []) {
      const found = from(imported, [...way, file]);
      if (found !== undefined) return found;
    }
    done.add(file);
    return undefined;
  };
  for (const file of imports.keys()) {
    const found = from(file, []);
    if (found !== undefined) return found;
  }
  return undefined;
}

test('a folder imports what the map in CONTRIBUTING.md allows it', () => {
  const wrong = [...IMPORTS]
    .filter(([file]) => file.includes('/'))
    .flatMap(([file, imported]) =>
      imported.filter((each) => !isAllowed(file, each)).map((each) => `${file} -> ${each}`),
    );
  expect(wrong).toEqual([]);
  expect(isAllowed('cli/verbs/list.ts', 'local/src/cloud.ts')).toBe(false);
  expect(isAllowed('lib/fleet/read.ts', 'aws/clients.ts')).toBe(false);
});

test('no file imports itself by way of others', () => {
  expect(circle(IMPORTS)).toBeUndefined();
  expect(
    circle(
      new Map([
        ['a', ['b']],
        ['b', ['c']],
        ['c', ['b']],
      ]),
    ),
  ).toEqual(['b', 'c', 'b']);
});

test('the verbs of fleet stand on the rooms beside them, and not the other way round', () => {
  const up = [...IMPORTS].flatMap(([file, imported]) =>
    isIn(file, 'cli') && !isIn(file, 'cli/verbs') && file !== 'cli/program.ts'
      ? imported.filter((each) => isIn(each, 'cli/verbs')).map((each) => `${file} -> ${each}`)
      : [],
  );
  expect(up).toEqual([]);
});
