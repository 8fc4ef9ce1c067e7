import { Stage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import type { buildSync } from 'esbuild';
import { existsSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KEPT } from './kept.ts';
import { keptBundle } from './kept-bundle.ts';

/** By folder: the sites of a fleet share one bundle. */
const bundles = new Map<string, Uint8Array>();

/**
 * The code of a Lambda function: one file, `index.mjs`, with all it imports, bundled by esbuild's own API.
 *
 * `NodejsFunction` would do the same through `npx esbuild`, which takes half a second longer a function, and leaves
 * the bundle out for commands such as `cdk destroy`, after which cdk.out can no longer be deployed.
 *
 * In the package that `npm pack` makes, it stands beside this code already, and there is no esbuild.
 *
 * @param scope any construct of a stack; the bundle lands in the app's cloud assembly (cdk.out)
 * @param folder the folder below lambda/ that holds `handler.ts`
 */
export function bundledCode(scope: IConstruct, folder: string): Code {
  const packed = fileURLToPath(new URL(`lambda/${folder}`, import.meta.url));
  if (existsSync(packed)) return Code.fromAsset(packed);
  const bundle = bundles.get(folder) ?? bundleOf(folder);
  bundles.set(folder, bundle);
  const assembly = Stage.of(scope);
  if (assembly === undefined) throw new Error(`${scope.node.path} is not in a stack of an app`);
  const target = join(assembly.outdir, 'bundles', folder);
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, 'index.mjs'), bundle);
  return Code.fromAsset(target);
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));

function bundleOf(folder: string): Uint8Array {
  // How a bundle is made is decided here, and by the lock file which packages its imports are.
  return keptBundle(ROOT, join(KEPT, `${folder}.json`), ['lib/bundled-code.ts', 'package-lock.json'], () => {
    const { outputFiles, metafile } = build(folder);
    const [bundle] = outputFiles;
    if (bundle === undefined) throw new Error(`esbuild made nothing of lambda/${folder}`);
    return { contents: bundle.contents, inputs: Object.keys(metafile.inputs).map(belowRoot) };
  });
}

/** esbuild names packages by where they really are, which is elsewhere in a worktree that only links to them. */
function belowRoot(input: string): string {
  const inModules = relative(realpathSync(join(ROOT, 'node_modules')), resolve(input));
  return inModules.startsWith('..') ? relative(ROOT, resolve(input)) : join('node_modules', inModules);
}

/** The bundle, and what went into it. */
export function build(folder: string) {
  const esbuild = createRequire(import.meta.url)('esbuild') as { buildSync: typeof buildSync };
  return esbuild.buildSync({
    entryPoints: [fileURLToPath(new URL(`../lambda/${folder}/handler.ts`, import.meta.url))],
    write: false,
    metafile: true,
    bundle: true,
    minify: true,
    platform: 'node',
    // Older than the Lambda's own runtime: the local cloud runs the bundle with the Node.js that is installed.
    target: 'node20',
    format: 'esm',
    // The SDK's ES modules, of which only what is called gets in.
    mainFields: ['module', 'main'],
    // What comes as CommonJS asks for Node.js's modules by require, which an ES module does not have.
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    legalComments: 'none',
  });
}
