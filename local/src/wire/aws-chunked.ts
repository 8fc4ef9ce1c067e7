import { AwsError } from '../errors.ts';
import type { WireRequest } from './request.ts';

/**
 * Takes the framing off a body that S3 clients send as `aws-chunked`: `<hex length>;...\r\n<bytes>\r\n` and trailers after a
 * chunk of length 0. Other requests pass as they are.
 */
export function decodeAwsChunked(request: WireRequest): WireRequest {
  if (!String(request.headers['content-encoding'] ?? '').includes('aws-chunked')) return request;
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = request.body.indexOf('\r\n', at);
    const length = end === -1 ? NaN : parseInt(request.body.toString('latin1', at, end), 16);
    if (Number.isNaN(length) || end + 2 + length > request.body.length)
      throw new AwsError('IncompleteBody', 'the aws-chunked body is cut off', 400);
    if (length === 0) return { ...request, body: Buffer.concat(chunks) };
    chunks.push(request.body.subarray(end + 2, end + 2 + length));
    at = end + 2 + length + 2;
  }
}
