import { execFileSync } from 'node:child_process';

const NAME = 'esp-fleet-boards';
// Benchmarking's addresses (RFC 2544), which no network uses.
const HERE = '198.18.77.1';
const THERE = '198.18.77.2';

const ip = (...args: string[]): void => void execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });

/** Another network with a wire to this machine, on which boards can run. It takes root. */
export class NetworkNamespace {
  /** The address of this machine in it. */
  readonly address = HERE;
  /** Runs a command there. */
  readonly command: readonly string[] = ['ip', 'netns', 'exec', NAME];

  /** @returns undefined where this user may not, or has no `ip` */
  static make(): NetworkNamespace | undefined {
    if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined;
    const namespace = new NetworkNamespace();
    namespace.remove(); // of a run that was killed
    try {
      namespace.#make();
      return namespace;
    } catch (error) {
      console.warn(`all boards are on this machine's own network: ${(error as Error).message}`);
      return undefined;
    }
  }

  #make(): void {
    ip('netns', 'add', NAME);
    ip('link', 'add', 'fleet-here', 'type', 'veth', 'peer', 'name', 'fleet-there', 'netns', NAME);
    ip('addr', 'add', `${HERE}/24`, 'dev', 'fleet-here');
    ip('link', 'set', 'fleet-here', 'up');
    ip('-n', NAME, 'addr', 'add', `${THERE}/24`, 'dev', 'fleet-there');
    ip('-n', NAME, 'link', 'set', 'fleet-there', 'up');
  }

  remove(): void {
    try {
      ip('netns', 'del', NAME); // and with it the wire
    } catch {
      // there is none
    }
  }
}
