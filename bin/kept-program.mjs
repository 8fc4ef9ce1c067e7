// Makes JavaScript of a program in TypeScript and keeps it, so that it starts in a third of the time that tsx takes.
// Plain JavaScript: it runs before there is anything that could read TypeScript.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Beside what the program is made of: what decides which packages it finds, and how it is made. */
const BESIDE = ['package.json', 'package-lock.json', 'local/package.json', 'tsconfig.json'];
const HOW = readFileSync(fileURLToPath(import.meta.url));
/**
 * Packages that would take seconds to bundle. All others are many small files, which take long to load one by one: those of
 * AWS's SDK as long as all else that a verb does.
 */
const LARGE = /^(?:@aws-cdk|esbuild$|aws-cdk-lib|cdk-nag$|constructs$)/;
/** The folder cannot be written, or another process has just made the same. */
const NOT_KEPT = ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'EFBIG', 'ENOTDIR', 'EEXIST', 'ENOTEMPTY'];

/**
 * The URL of the program, made anew only when one of its files is another one than last time. It imports packages from where
 * they are, and takes `import.meta.url` for that of its source.
 *
 * @param {string} root the folder of package.json
 * @param {string} entry below the root, such as bin/fleet.ts
 * @param {string} folder where it is kept, below node_modules
 * @returns {Promise<string | undefined>} undefined when it could not be kept: tsx runs it as well
 */
export async function keptProgram(root, entry, folder) {
  const record = join(folder, 'program.json');
  const kept = readJson(record);
  const name = basename(entry, '.ts');
  const programOf = (digest) => join(folder, digest, `${name}.mjs`);
  if (kept !== undefined && kept.digest === digestOf(root, kept.inputs) && existsSync(programOf(kept.digest)))
    return pathToFileURL(programOf(kept.digest)).href;
  const draft = join(folder, `draft-${process.pid}`);
  try {
    mkdirSync(folder, { recursive: true });
    const inputs = await make(root, entry, draft);
    const digest = digestOf(root, inputs);
    if (!existsSync(programOf(digest))) {
      rmSync(join(folder, digest), { recursive: true, force: true });
      renameSync(draft, join(folder, digest));
    }
    writeFileSync(`${draft}.json`, JSON.stringify({ digest, inputs }));
    renameSync(`${draft}.json`, record);
    // The one before stays: a program that still runs may load more of it.
    const inUse = ['program.json', digest, kept?.digest];
    for (const other of readdirSync(folder).filter((file) => !inUse.includes(file) && !file.startsWith('draft-')))
      rmSync(join(folder, other), { recursive: true, force: true });
    return pathToFileURL(programOf(digest)).href;
  } catch (error) {
    if (!NOT_KEPT.includes(error.code)) throw error;
    return undefined;
  } finally {
    if (existsSync(draft)) rmSync(draft, { recursive: true });
  }
}

/** @returns the files that went into it, below the root */
async function make(root, entry, outdir) {
  const { build } = await import('esbuild');
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true, // what is imported later is loaded later
    metafile: true,
    sourcemap: true, // for whom turns it on: process.setSourceMapsEnabled()
    sourcesContent: false,
    write: false, // by ourselves, since esbuild's error does not say why it could not
    platform: 'node',
    format: 'esm',
    target: 'node20',
    mainFields: ['module', 'main'],
    // What comes as CommonJS asks for Node.js's modules by require, which an ES module does not have.
    banner: { js: "import{createRequire as requireOf}from'node:module';const require=requireOf(import.meta.url);" },
    define: { 'import.meta.url': 'sourceUrl' }, // of what stands in the code, not in its strings
    logLevel: 'silent', // an error is thrown, too
    plugins: [{ name: 'ours', setup: bundleOurs }],
  });
  mkdirSync(outdir);
  for (const { path, contents } of outputFiles) writeFileSync(path, contents);
  return Object.keys(metafile.inputs)
    .filter((file) => !file.includes('node_modules/'))
    .sort(); // the rest: by the lock file
}

function bundleOurs({ onLoad, onResolve }) {
  onResolve({ filter: LARGE }, ({ path }) => ({ path, external: true }));
  onLoad({ filter: /\.ts$/ }, ({ path }) => ({
    loader: 'ts',
    contents: withUrl(readFileSync(path, 'utf8'), pathToFileURL(path).href),
  }));
}

/** In its first line, so that errors name the right ones; behind what the system reads there. */
const withUrl = (code, url) =>
  code.replace(/^(?:#!.*\n)?/, (start) => `${start}const sourceUrl = ${JSON.stringify(url)};`);

/** SHA-256 of all that the program depends on, in hex; undefined when a file is gone. */
function digestOf(root, inputs) {
  const hash = createHash('sha256').update(root).update(HOW);
  try {
    for (const file of inputs) hash.update(`\n${file}\n`).update(readFileSync(join(root, file)));
    for (const file of BESIDE.filter((each) => existsSync(join(root, each))))
      hash.update(readFileSync(join(root, file)));
  } catch {
    return undefined;
  }
  return hash.digest('hex');
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined; // not there, or of another version
  }
}
