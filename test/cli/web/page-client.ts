import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { IncomingMessage } from 'node:http';
import type { ServerEvent } from '../../../web/wire.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Whoever asks the page's server for something, with any header: fetch would set some by itself. */
export class PageClient {
  readonly origin: string;
  readonly token: string;

  /** @param link as `fleet web` prints it */
  constructor(link: string) {
    const { origin, searchParams } = new URL(link);
    this.origin = origin;
    this.token = searchParams.get('token') ?? '';
  }

  async raw(path: string, { method = 'GET', headers = {}, body }: Asked = {}): Promise<Answer> {
    const response = await this.#response(path, { method, headers, body });
    return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response) };
  }

  /** With the token, as the page does. */
  api(path: string, { headers = {}, ...asked }: Asked = {}): Promise<Answer> {
    return this.raw(path, { ...asked, headers: { authorization: `Bearer ${this.token}`, ...headers } });
  }

  post(path: string, body: unknown): Promise<Answer> {
    const headers = { 'content-type': 'application/json', origin: this.origin };
    return this.api(path, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  /** Events as they come, until the caller has seen enough. */
  async *events(): AsyncGenerator<ServerEvent> {
    const response = await this.#response('/api/events', { headers: { authorization: `Bearer ${this.token}` } });
    try {
      let rest = '';
      for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
        const parts = (rest + chunk).split('\n\n');
        rest = parts.pop() ?? '';
        for (const part of parts) if (part.startsWith('data: ')) yield JSON.parse(part.slice(6)) as ServerEvent;
      }
    } finally {
      response.destroy();
    }
  }

  #response(path: string, { method, headers, body }: { [Name in keyof Asked]: Asked[Name] | undefined }) {
    return new Promise<IncomingMessage>((resolve, reject) => {
      const { hostname, port } = new URL(this.origin);
      const sent = request({ hostname, port, path, method, headers, setHost: headers?.host === undefined }, resolve);
      sent.once('error', reject);
      sent.end(body);
    });
  }
}
