import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Why a request is not served. */
export interface Refusal {
  readonly status: 401 | 403;
  readonly why: string;
}

/**
 * Who may use the page's server: whoever has the token, in a page that came from here. No cookie, since a browser sends
 * those to every port of a host; what another site's page asks for comes without the token.
 */
export class Access {
  /** 256 bits, in the link and in the page's address alone. */
  readonly token = randomBytes(32).toString('base64url');
  readonly #hosts: ReadonlySet<string>;
  #opening: string | undefined;

  constructor(port: number) {
    this.#hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`]);
  }

  /**
   * What holds for every request: it names this server, as one does that came by a name of somebody else's which leads to
   * this machine (DNS rebinding) does not, and it does not come from another site's page.
   */
  refusal({ headers }: IncomingMessage): Refusal | undefined {
    const { host = '', origin, 'sec-fetch-site': site = 'none' } = headers;
    if (!this.#hosts.has(host))
      return { status: 403, why: 'this server is 127.0.0.1 and localhost, and no other host' };
    if (origin !== undefined && origin !== `http://${host}`) return { status: 403, why: 'another site asks' };
    // Typed, pasted or clicked in another program: none. Any other page, even of another port of this machine, is refused.
    if (site !== 'none' && site !== 'same-origin') return { status: 403, why: 'another site asks' };
    return undefined;
  }

  isToken(text: string | null | undefined): boolean {
    return timingSafeEqual(digest(text ?? ''), digest(this.token));
  }

  /**
   * A path that leads to the page once. It is for the command that opens a browser: other users of this machine see the
   * arguments of commands, and would see the token.
   */
  openingPath(): string {
    this.#opening = randomBytes(32).toString('base64url');
    return `/open/${this.#opening}`;
  }

  /** Whether a path is the one of {@link openingPath}; no path is twice. */
  opens(path: string): boolean {
    const isRight = this.#opening !== undefined && timingSafeEqual(digest(path), digest(`/open/${this.#opening}`));
    if (isRight) this.#opening = undefined;
    return isRight;
  }
}

/** Of equal length for whatever text, as timingSafeEqual wants. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
