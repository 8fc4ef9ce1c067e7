// Plain JavaScript, which old versions read as well: it runs before everything else.
import { readFileSync } from 'node:fs';

/**
 * Ends the process where Node.js is older than package.json allows, and says so.
 *
 * @param {string} command for the message
 */
export function refuseOldNode(command) {
  const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const [major, minor] = engines.node.match(/\d+/g).map(Number);
  const [thisMajor, thisMinor] = process.versions.node.split('.').map(Number);
  if (thisMajor > major || (thisMajor === major && thisMinor >= minor)) return;
  console.error(
    `${command}: this is Node.js ${process.versions.node}; install ${major}.${minor} or newer: https://nodejs.org`,
  );
  process.exit(1);
}
