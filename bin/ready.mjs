// Installs what package-lock.json names and node_modules lacks, so that every npm script works on a fresh clone.
// Plain JavaScript: it runs before there is anything that could read TypeScript.
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const modified = (file) => statSync(root + file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

if (modified('node_modules/.package-lock.json') < modified('package-lock.json')) {
  console.error('Installing packages (only when package-lock.json has changed) ...');
  const options = ['--no-audit', '--no-fund', '--loglevel=error', '--fetch-retries=1', '--fetch-retry-mintimeout=1000'];
  const npm = spawnSync('npm', ['ci', ...options], {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (npm.status !== 0) {
    const [, code] = /npm (?:error|ERR!) code (\S+)/.exec(npm.stderr ?? '') ?? [];
    console.error(
      `esp-fleet: npm ci failed (${code ?? npm.error?.message ?? `exit ${npm.status}`}); ` +
        'check that the npm registry can be reached, then try again, or see why with: npm ci',
    );
    process.exit(1);
  }
}
