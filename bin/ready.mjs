// Installs what package-lock.json names and node_modules lacks, so that every npm script works on a fresh clone.
// Plain JavaScript: it runs before there is anything that could read TypeScript.
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { refuseOldNode } from './old-node.mjs';

refuseOldNode('esp-fleet');

// npm takes options that stand before "--" for its own: the script would run without them.
const OURS = ['once', 'port', 'mqtt-port', 'data', 'pace', 'reading', 'lambda-concurrency', 'lan'];
const taken = OURS.filter((name) => process.env[`npm_config_${name.replaceAll('-', '_')}`] !== undefined);
if (taken.length > 0) {
  const script =
    process.env.npm_lifecycle_event === 'start' ? 'npm start' : `npm run ${process.env.npm_lifecycle_event}`;
  const options = taken.map((name) => `--${name}`).join(' ');
  console.error(
    inLines(
      `esp-fleet: npm has taken ${options} for an option of its own; put "--" before it: ${script} -- ${options}`,
    ),
  );
  process.exit(1);
}

const root = fileURLToPath(new URL('..', import.meta.url));
const modified = (file) => statSync(root + file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

if (modified('node_modules/.package-lock.json') < modified('package-lock.json')) {
  console.error('Installing packages (only when package-lock.json has changed) ...');
  const options = ['--no-audit', '--no-fund', '--loglevel=error', '--fetch-retries=1', '--fetch-retry-mintimeout=1000'];
  const npm = spawnSync('npm', ['ci', ...options], {
    cwd: root,
    encoding: 'utf8',
    stdio: process.stderr.isTTY ? 'inherit' : 'pipe', // on a terminal, npm shows how far it is
    shell: process.platform === 'win32',
  });
  if (npm.status !== 0) {
    const [, code] = /npm (?:error|ERR!) code (\S+)/.exec(npm.stderr ?? '') ?? [];
    console.error(
      inLines(
        `esp-fleet: npm ci failed (${code ?? npm.error?.message ?? `exit ${npm.status}`}); ` +
          'check that the npm registry can be reached, then try again, or see why with: npm ci',
      ),
    );
    process.exit(1);
  }
}

/** On a terminal, a sentence in lines that end between words; the rest of the program has wrapped() for that. */
function inLines(sentence) {
  const { isTTY, columns } = process.stderr;
  if (!isTTY) return sentence;
  return sentence.replace(new RegExp(`(.{1,${Math.min(columns || 80, 100)}})(?: |$)`, 'g'), '$1\n').trimEnd();
}
