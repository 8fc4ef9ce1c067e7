import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { Dispatcher } from '../dispatcher.ts';
import { AwsError, ExpectedError, NotImplementedError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Principal } from '../policy/principal.ts';
import type { Service } from '../service.ts';
import { decodeAwsChunked } from './aws-chunked.ts';
import { decode, encode, encodeError } from './codec.ts';
import { type ErrorForm, errorForm } from './error-form.ts';
import type { ServiceModel } from './model.ts';
import type { WireRequest, WireResponse } from './request.ts';
import { type Route, route } from './route.ts';
import { readSignature } from './sigv4.ts';

/** The largest request that is read: a Lambda deployment package has 50 MB. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** Finds the secret behind an access key. Throws AwsError for one that is not known, has expired, or lacks its session token. */
export interface Credentials {
  find(
    accessKeyId: string,
    sessionToken: string | undefined,
  ): { readonly secretAccessKey: string; readonly principal: Principal };
}

/** A path outside AWS's own APIs, e.g. where a custom resource sends its response. Undefined leaves the request to AWS's APIs. */
export type Extra = (request: WireRequest) => Promise<WireResponse | undefined> | WireResponse | undefined;

export interface HttpServerOptions {
  readonly dispatcher: Dispatcher;
  readonly credentials: Credentials;
  readonly log: Log;
  /** Resolves when all that was changed is on disk: nothing is answered that a crash could take back. */
  readonly durable: () => Promise<void>;
  readonly extras: readonly Extra[];
}

/** All AWS APIs on one port, told apart by the signature's scope and then by the rules of each protocol. */
export function createHttpServer(options: HttpServerOptions): Server {
  return createServer((incoming, response) => {
    answer(options, incoming).then(
      (answered) => send(response, answered),
      (error: unknown) => {
        // Without the path: where a custom resource answers to, that is a secret.
        options.log.warn(`${incoming.method} request: ${(error as Error).message}`);
        send(response, { status: 400, headers: { 'content-type': 'text/plain' }, body: (error as Error).message });
      },
    );
  });
}

function send(response: ServerResponse, { status, headers, body }: WireResponse): void {
  // The answer to a HEAD request tells the length of a body that it has not.
  response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers });
  response.end(body);
}

async function answer(options: HttpServerOptions, incoming: IncomingMessage): Promise<WireResponse> {
  const head = headOf(incoming);
  const requestId = randomUUID();
  let form: ErrorForm = errorForm(head);
  let request: WireRequest;
  try {
    request = { ...head, body: await bodyOf(incoming) };
  } catch (error) {
    const unread = new AwsError('RequestEntityTooLarge', (error as Error).message, 413);
    options.log.info(`${unread.code}: ${unread.message}`);
    return encodeError(form, unread, requestId);
  }
  for (const extra of options.extras) {
    const answered = await extra(request);
    if (answered) return answered;
  }
  try {
    const signature = readSignature(request);
    const candidates = options.dispatcher.services(signature.signingName);
    // Set before anything can be refused, since the error is written in the service's own protocol.
    if (candidates[0]) form = modelFor(candidates[0], request);
    const { region } = options.dispatcher.account;
    if (signature.region !== region)
      throw new NotImplementedError(`the region ${signature.region} (everything here is in ${region})`);
    const { secretAccessKey, principal } = options.credentials.find(signature.accessKeyId, signature.sessionToken);
    signature.verify(secretAccessKey);
    const match = findRoute(candidates, request);
    if (!match) throw new NotImplementedError(unknownOperation(signature.signingName, candidates[0], request));
    const { service, route, model } = match;
    form = model;
    const input = await decode(model, route, decodeAwsChunked(request));
    const { name } = route.operation;
    const output = await options.dispatcher.invoke<object | undefined>(principal, service.name, name, input, requestId);
    await options.durable();
    const encoded = encode(model, route.operation, { ...output }, requestId);
    return { ...encoded, headers: { ...encoded.headers, 'x-amzn-requestid': requestId } };
  } catch (error) {
    const known = error instanceof AwsError ? error : internal(options.log, request, error);
    const isSaid = known.code === 'AccessDeniedException' || known instanceof ExpectedError;
    if (!isSaid) options.log.info(`${known.code}: ${known.message}`);
    const encoded = encodeError(form, known, requestId);
    return { ...encoded, headers: { ...encoded.headers, 'x-amzn-requestid': requestId } };
  }
}

function internal(log: Log, request: WireRequest, error: unknown): AwsError {
  log.warn(`${request.method} ${request.rawPath}: ${error instanceof Error ? error.stack : String(error)}`);
  return new AwsError('InternalFailure', 'the local cloud failed; its log says where', 500);
}

interface Match {
  readonly service: Service;
  readonly model: ServiceModel;
  readonly route: Route;
}

function findRoute(services: readonly Service[], request: WireRequest): Match | undefined {
  for (const service of services) {
    const model = modelFor(service, request);
    const found = route(model, request);
    if (found) return { service, model, route: found };
  }
  return undefined;
}

/** The service in the protocol that the request speaks. */
const modelFor = ({ model }: Service, { headers }: WireRequest): ServiceModel =>
  model.query && headers['content-type']?.startsWith('application/x-www-form-urlencoded') ? model.query : model;

function unknownOperation(signingName: string, service: Service | undefined, request: WireRequest): string {
  if (!service) return `the service ${signingName}`;
  const form = new URLSearchParams(request.body.toString('utf8').slice(0, 200));
  const name = request.headers['x-amz-target'] ?? form.get('Action') ?? `${request.method} ${request.rawPath}`;
  return `${service.name}: ${String(name)}`;
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) throw new Error(`the body is over ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function headOf(incoming: IncomingMessage): Omit<WireRequest, 'body'> {
  const [rawPath = '/', rawQuery = ''] = splitOnce(incoming.url ?? '/', '?');
  return {
    method: incoming.method ?? 'GET',
    rawPath,
    rawQuery,
    query: new URLSearchParams(rawQuery),
    headers: incoming.headers,
  };
}

const splitOnce = (text: string, separator: string): [string, string?] => {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
};
