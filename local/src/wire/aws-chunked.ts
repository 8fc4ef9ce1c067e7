// Read by hand: the SDK writes this framing and reads it nowhere.

import { AwsError } from '../errors.ts';
import type { WireRequest } from './request.ts';

/**
 * Takes the framing off a body that S3 clients send as `aws-chunked`: `<hex length>;...\r\n<bytes>\r\n`, and after a chunk of
 * length 0 trailers, of which a checksum counts as a header. Other requests pass as they are.
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
    if (length === 0) {
      const trailers = request.body.toString('latin1', end + 2).matchAll(/^(x-amz-checksum-[a-z0-9]+):(\S+)/gm);
      const checksums = Object.fromEntries([...trailers].map(([, name = '', value = '']) => [name, value] as const));
      return { ...request, body: Buffer.concat(chunks), headers: { ...request.headers, ...checksums } };
    }
    chunks.push(request.body.subarray(end + 2, end + 2 + length));
    at = end + 2 + length + 2;
  }
}
