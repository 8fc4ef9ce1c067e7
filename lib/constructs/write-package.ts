import { buildSync } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from '../bundled-code.ts';

/* What `npm pack` puts into the package, which runs before it: compiled constructs, their types, and the code of the Lambda function. */

const FOLDER = 'dist';
const LAMBDA = 'device-certificate';

rmSync(FOLDER, { recursive: true, force: true });
buildSync({
  entryPoints: ['lib/constructs/index.ts'],
  outfile: join(FOLDER, 'index.js'),
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20',
});
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'lib/constructs'], { stdio: 'inherit' });

const { outputFiles, metafile } = build(LAMBDA);
mkdirSync(join(FOLDER, 'lambda', LAMBDA), { recursive: true });
writeFileSync(join(FOLDER, 'lambda', LAMBDA, 'index.mjs'), outputFiles[0]?.contents ?? '');
writeFileSync(join(FOLDER, 'THIRD-PARTY-LICENSES.txt'), licencesOf(Object.keys(metafile.inputs)));

/** Of the packages that these files are of. */
function licencesOf(inputs: readonly string[]): string {
  const packages = inputs.flatMap((input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? []);
  const notices = [...new Set(packages)].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<
      string,
      string
    >;
    const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
    const text = file === undefined ? '' : readFileSync(join(folder, file), 'utf8').trim();
    return `${name} ${version}, ${license}\n\n${text}\n`;
  });
  return notices.join(`\n${'-'.repeat(80)}\n\n`);
}
