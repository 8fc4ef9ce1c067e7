import { randomBytes } from 'node:crypto';
import type { Extra } from '../../wire/http-server.ts';
import type { WireResponse } from '../../wire/request.ts';

/** Where the answer to one request to a custom resource arrives. */
export interface ResponseSlot {
  /** Whoever knows it can answer in the resource's name: it must stand in no log. */
  readonly url: string;
  /** The body of the first answer. Never settles when none comes. */
  readonly body: Promise<Buffer>;
}

const PATH = '/cloudformation-response/';

/**
 * The place of the presigned S3 URLs to which custom resources answer. As with those, whoever has the URL may put to it,
 * without a content type, as often as he likes; CloudFormation reads the first answer only.
 */
export class CustomResourceResponses {
  readonly #endpoint: () => string;
  readonly #waiting = new Map<string, (body: Buffer) => void>();

  constructor(endpoint: () => string) {
    this.#endpoint = endpoint;
  }

  expect(): ResponseSlot {
    const token = randomBytes(32).toString('hex');
    const body = new Promise<Buffer>((resolve) => this.#waiting.set(token, resolve));
    return { url: `${this.#endpoint()}${PATH}${token}`, body };
  }

  /** Serves the URLs; leaves every other path alone. */
  readonly extra: Extra = ({ method, rawPath, headers, body }) => {
    if (!rawPath.startsWith(PATH)) return undefined;
    const answer = this.#waiting.get(rawPath.slice(PATH.length));
    if (!answer) return refusal('AccessDenied', 'the URL is not one that was given out');
    if (method !== 'PUT') return refusal('SignatureDoesNotMatch', 'the URL is signed for PUT');
    if ((headers['content-type'] ?? '') !== '')
      return refusal('SignatureDoesNotMatch', 'the URL is signed for a request without a content-type');
    answer(body);
    return { status: 200, headers: {}, body: '' };
  };
}

const refusal = (code: string, message: string): WireResponse => ({
  status: 403,
  headers: { 'content-type': 'application/xml' },
  body: `<Error><Code>${code}</Code><Message>${message}</Message></Error>`,
});
