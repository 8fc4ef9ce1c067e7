import { build } from 'esbuild';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Asked } from './command-host.ts';
import { ROOT } from './process.ts';

/*
 * Runs `cdk` and `fleet`, one command after the other: most of what a process of either takes is to load it. In both streams
 * a NUL ends what a command has said.
 */

type Commands = typeof import('./commands.ts');

const CACHE = `${ROOT}node_modules/.cache/esp-fleet`;
/** All that is ours in one file. It imports packages from where they are, and takes import.meta.url for that of its source. */
const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL('commands.ts', import.meta.url))],
  ...{ write: false, bundle: true, packages: 'external', platform: 'node', format: 'esm', target: 'node20' },
  define: { 'import.meta.url': 'sourceUrl' },
  plugins: [
    {
      name: 'ours',
      setup: (ours) =>
        ours.onLoad({ filter: /\.ts$/ }, ({ path }) => ({
          loader: 'ts',
          contents: `const sourceUrl = ${JSON.stringify(pathToFileURL(path).href)};${readFileSync(path, 'utf8')}`,
        })),
    },
  ],
});
mkdirSync(CACHE, { recursive: true });

let environment = '';
let commands: Promise<Commands> | undefined;
let loaded = 0;

/** Our own code, loaded anew where the environment has changed, since clients of AWS read it once. */
function commandsIn(env: Asked['env']): Promise<Commands> {
  if (commands !== undefined && environment === JSON.stringify(env)) return commands;
  environment = JSON.stringify(env);
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, env);
  const file = `${CACHE}/commands-${process.pid}-${loaded++}.mjs`;
  for (const { contents } of outputFiles) writeFileSync(file, contents);
  commands = import(pathToFileURL(file).href) as Promise<Commands>;
  return commands.finally(() => rmSync(file));
}

async function run(asked: Asked): Promise<number> {
  const { runCommand } = await commandsIn(asked.env);
  return runCommand(asked);
}

process.on('disconnect', () => process.exit());
process.on('message', (asked: Asked) => {
  process.exitCode = undefined;
  void run(asked)
    .catch((error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      return 1;
    })
    .then((code) => {
      process.stdout.write('\0');
      process.stderr.write('\0', () => process.send?.(code));
    });
});
