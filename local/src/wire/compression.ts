import { gunzipSync } from 'node:zlib';
import type { WireRequest } from './request.ts';

const MAX_BYTES = 64 * 1024 * 1024;

/** The body as it was before the client compressed it, as the SDKs do with PutMetricData from 10 KB on. Not for S3: there it is the object's. */
export const decompress = ({ headers, body }: WireRequest): Buffer =>
  headers['content-encoding'] === 'gzip' ? gunzipSync(body, { maxOutputLength: MAX_BYTES }) : body;
