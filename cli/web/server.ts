import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Failure, ServerEvent } from '../../web/wire.ts';
import { CliError } from '../terminal/cli-error.ts';
import { endpoint } from '../fleet/cloud-choice.ts';
import { errorMessage } from '../terminal/error-message.ts';
import type { WhichFleet } from '../fleet/fleet-device.ts';
import { Access } from './access.ts';
import { type Api, apiOf, BadRequestError } from './api.ts';
import { builtPage, type Page, SAFE_HEADERS } from './page.ts';
import { Watch } from './watch.ts';

const HOST = '127.0.0.1';

/** A command has 128 KB at the most, and JSON may double it. */
const MOST_BODY_BYTES = 300_000;

/** Tells the page that the server is there. */
const HEARTBEAT_MS = 2_000;

/** A page that takes nothing in for so long is not looked at any more. */
const MOST_BUFFERED_BYTES = 8_000_000;

/** The page's server, while it runs. */
export interface PageServer {
  /** What leads to the page, with the token. */
  readonly link: string;
  /** Leads there once, and is harmless after that: for the arguments of a command, which everybody sees. */
  openingLink(): string;
  close(): Promise<void>;
}

/**
 * Serves the page on 127.0.0.1.
 *
 * @param port 0 for any that is free
 * @throws {CliError} when the port is taken
 */
export async function startPageServer(fleet: WhichFleet, port: number): Promise<PageServer> {
  const page = builtPage();
  const server = createServer();
  await listen(server, port);
  const origin = `http://${HOST}:${(server.address() as AddressInfo).port}`;
  const access = new Access((server.address() as AddressInfo).port);
  const watch = new Watch(fleet);
  const handler = new Handler(
    access,
    page,
    watch,
    apiOf(fleet, () => watch.refresh()),
  );
  server.on('request', (request, response) => void handler.handle(request, response));
  return {
    link: `${origin}/?token=${access.token}`,
    openingLink: () => `${origin}${access.openingPath()}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listen(server: Server, port: number): Promise<void> {
  try {
    server.listen(port, HOST);
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE')
      throw new CliError(`port ${port} is in use; another one: --port N, any free one: --port 0`);
    if (code === 'EACCES') throw new CliError(`port ${port} may not be used; another one: --port N`);
    throw error;
  }
}

class Handler {
  readonly #access: Access;
  readonly #page: Page;
  readonly #watch: Watch;
  readonly #api: Api;

  constructor(access: Access, page: Page, watch: Watch, api: Api) {
    this.#access = access;
    this.#page = page;
    this.#watch = watch;
    this.#api = api;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(SAFE_HEADERS)) response.setHeader(name, value);
    const refusal = this.#access.refusal(request);
    if (refusal !== undefined) return fail(response, refusal.status, refusal.why);
    try {
      const url = urlOf(request);
      await (url.pathname.startsWith('/api/')
        ? this.#answer(request, url, response)
        : this.#show(request, url, response));
    } catch (error) {
      fail(response, statusOf(error), errorMessage(error, endpoint()));
    }
  }

  #show({ method }: IncomingMessage, { pathname, searchParams }: URL, response: ServerResponse): void {
    if (method !== 'GET') return notAllowed(response, 'GET');
    if (this.#access.opens(pathname)) {
      response.writeHead(303, { location: `/?token=${this.#access.token}` }).end();
      return;
    }
    if (pathname !== '/') return fail(response, 404, 'there is nothing here');
    if (!this.#access.isToken(searchParams.get('token'))) {
      response.writeHead(403, { 'content-type': 'text/plain; charset=utf-8' });
      response.end('This is not the link of the page. Open the one that was printed: it ends with a token.\n');
      return;
    }
    response.writeHead(200, { ...this.#page.headers, 'content-type': 'text/html; charset=utf-8' });
    response.end(this.#page.html);
  }

  async #answer(request: IncomingMessage, url: URL, response: ServerResponse): Promise<void> {
    const [, token] = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '') ?? [];
    if (!this.#access.isToken(token)) return fail(response, 401, 'the token of the link is missing or wrong');
    const { pathname, searchParams } = url;
    if (pathname === '/api/events') {
      if (request.method !== 'GET') return notAllowed(response, 'GET');
      return this.#tell(response);
    }
    const [read, change] = [at(this.#api.GET, pathname), at(this.#api.POST, pathname)];
    if (read === undefined && change === undefined) return fail(response, 404, 'there is nothing here');
    if (request.method === 'GET' && read !== undefined) return send(response, 200, await read(searchParams));
    if (request.method === 'POST' && change !== undefined) {
      return send(response, 200, await change(await bodyOf(request)));
    }
    notAllowed(response, [read && 'GET', change && 'POST'].filter(Boolean).join(', '));
  }

  /** Server-sent events, until the page goes. */
  #tell(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    const write = (text: string) => {
      if (response.writableLength > MOST_BUFFERED_BYTES) response.destroy();
      else response.write(text);
    };
    write(': here\n\n');
    const heartbeat = setInterval(() => write(': here\n\n'), HEARTBEAT_MS);
    const leave = this.#watch.listen((event: ServerEvent) => write(`data: ${JSON.stringify(event)}\n\n`));
    response.once('close', () => {
      clearInterval(heartbeat);
      leave();
    });
  }
}

function urlOf({ url = '/' }: IncomingMessage): URL {
  // Not resolved against a host: `//name` is a path here.
  if (!URL.canParse(`http://localhost${url}`)) throw new BadRequestError('the path is none');
  return new URL(`http://localhost${url}`);
}

function at<T>(handlers: Readonly<Record<string, T>>, path: string): T | undefined {
  return Object.hasOwn(handlers, path) ? handlers[path] : undefined;
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  // A form of another site cannot send this type without being asked for leave.
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) {
    throw new BadRequestError('the body has to be application/json');
  }
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MOST_BODY_BYTES) throw new BadRequestError('the body is too long');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new BadRequestError('the body is no JSON');
  }
}

/** 400: the request is wrong. 422: it cannot be done, and the line says why. 502: the cloud does not answer as it should. */
function statusOf(error: unknown): number {
  if (error instanceof BadRequestError) return 400;
  return error instanceof CliError ? 422 : 502;
}

function send(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent) return;
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(body));
}

function fail(response: ServerResponse, status: number, error: string): void {
  send(response, status, { error } satisfies Failure);
}

function notAllowed(response: ServerResponse, allow: string): void {
  response.setHeader('allow', allow);
  fail(response, 405, `allowed: ${allow}`);
}
