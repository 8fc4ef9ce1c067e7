import { type Command, InvalidArgumentError } from 'commander';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFleet } from '../../lib/fleet/read.ts';
import type { CommonOptions } from '../common-options.ts';
import { print, printSentence, type Terminal } from '../terminal/terminal.ts';
import { startPageServer } from '../web/server.ts';

interface WebOptions extends CommonOptions {
  readonly port: number;
  readonly open: boolean;
}

export function configure(command: Command, terminal: Terminal): void {
  command
    .option('--port <number>', 'port on 127.0.0.1, 0 for any free one', portNumber, 0)
    .option('--no-open', 'print the link alone, and start no browser')
    .addHelpText(
      'after',
      `
Serves a page on this machine, until Ctrl-C. It shows every device with its curves and messages, what was denied, alarms and
dead letters. You can send commands and revoke devices there. The page asks the cloud only while somebody looks, with your
credentials, and keeps nothing. Whoever has the link may do what you may; it works on this machine alone.

Examples:
  bin/fleet web
  bin/fleet web --port 8080 --no-open`,
    )
    .action(() => web(command.optsWithGlobals<WebOptions>(), terminal));
}

async function web({ port, open, ...which }: WebOptions, terminal: Terminal): Promise<void> {
  readFleet(which.fleet, which.names); // a file that is wrong is said here, and not on the page alone
  const server = await startPageServer(which, port);
  await print(terminal.stdout, server.link);
  await printSentence(
    terminal.stdout,
    'The page for this machine. Whoever has the link may do what you may; Ctrl-C ends it.',
  );
  const interrupted = new AbortController();
  const stop = () => interrupted.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    if (open && !(await openBrowser(server.openingLink()))) {
      await print(terminal.stderr, 'No browser could be started: open the link above.');
    }
    if (!interrupted.signal.aborted) await once(interrupted.signal, 'abort');
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    await server.close();
  }
}

const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = {
  darwin: ['open'],
  win32: ['explorer.exe'],
};

/** Whether the command that opens a browser could be started. */
async function openBrowser(link: string): Promise<boolean> {
  const [command, ...args] = OPENERS[process.platform] ?? ['xdg-open'];
  const child = spawn(command, [...args, link], { stdio: 'ignore', detached: true });
  child.unref();
  try {
    await once(child, 'spawn');
    return true;
  } catch {
    return false;
  }
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError('Allowed: 0 to 65535.');
  return port;
}
