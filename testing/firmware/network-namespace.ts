import { execFileSync } from 'node:child_process';

const ip = (...args: string[]): void => void execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });

/** Another network with a wire to this machine, on which boards can run. It takes root. */
export class NetworkNamespace {
  readonly #name = `esp-fleet-${process.pid}`;
  // Benchmarking's addresses (RFC 2544), which no network uses; several test files may run at once.
  readonly #subnet = `198.${18 + (process.pid % 2)}.${Math.floor(process.pid / 2) % 256}`;
  /** The address of this machine in it. */
  readonly address = `${this.#subnet}.1`;
  /** Runs a command there. */
  readonly command: readonly string[] = ['ip', 'netns', 'exec', this.#name];

  /** @returns undefined where this user may not, or has no `ip` */
  static make(): NetworkNamespace | undefined {
    if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined;
    const namespace = new NetworkNamespace();
    try {
      namespace.#make();
      return namespace;
    } catch (error) {
      console.warn(`all boards are on this machine's own network: ${(error as Error).message}`);
      namespace.remove();
      return undefined;
    }
  }

  #make(): void {
    const [here, there] = [`fl${process.pid}h`, `fl${process.pid}t`];
    ip('netns', 'add', this.#name);
    ip('link', 'add', here, 'type', 'veth', 'peer', 'name', there, 'netns', this.#name);
    ip('addr', 'add', `${this.address}/24`, 'dev', here);
    ip('link', 'set', here, 'up');
    ip('-n', this.#name, 'addr', 'add', `${this.#subnet}.2/24`, 'dev', there);
    ip('-n', this.#name, 'link', 'set', there, 'up');
  }

  remove(): void {
    try {
      ip('netns', 'del', this.#name); // and with it the wire
    } catch {
      // there is none
    }
  }
}
