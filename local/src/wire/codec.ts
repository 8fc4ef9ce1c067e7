import { JsonCodec2, XmlCodec } from '@aws-sdk/core/protocols';
import { FromStringShapeDeserializer, ToStringShapeSerializer } from '@smithy/core/protocols';
import type { NormalizedSchema } from '@smithy/core/schema';
import { gunzipSync } from 'node:zlib';
import { AwsError } from '../errors.ts';
import type { ErrorForm } from './error-form.ts';
import type { OperationModel, ServiceModel } from './model.ts';
import { withPrototypeName } from './prototype-name.ts';
import { queryTree } from './query-tree.ts';
import type { WireRequest, WireResponse } from './request.ts';
import type { Route } from './route.ts';

type Shape = Record<string, unknown>;

// smithy's numbers for timestamp formats.
const DATE_TIME = 5;
const EPOCH_SECONDS = 7;

const jsonSettings = (rest: boolean) => ({
  timestampFormat: { useTrait: true, default: EPOCH_SECONDS as typeof EPOCH_SECONDS },
  httpBindings: rest,
  jsonName: rest,
});
const json = new JsonCodec2(jsonSettings(false));
const restJson = new JsonCodec2(jsonSettings(true));
const xmlSettings = (model: ServiceModel) => ({
  timestampFormat: { useTrait: true, default: DATE_TIME as typeof DATE_TIME },
  httpBindings: model.protocol === 'rest-xml',
  xmlNamespace: model.xmlNamespace,
  serviceNamespace: model.namespace,
});
const strings = {
  timestampFormat: { useTrait: true, default: EPOCH_SECONDS as typeof EPOCH_SECONDS },
  httpBindings: true,
};

/** Reads a request into the operation's input shape. Throws AwsError when it is not of that shape. */
export async function decode(model: ServiceModel, { operation, labels }: Route, request: WireRequest): Promise<Shape> {
  try {
    switch (model.protocol) {
      case 'json': {
        const body = decompress(request);
        return await readBody(json, operation.input, body.length > 0 ? body : Buffer.from('{}'));
      }
      case 'query': {
        const tree = queryTree(new URLSearchParams(decompress(request).toString('utf8')));
        return (new XmlCodec(xmlSettings(model)).createDeserializer().readSchema(operation.input, tree) as Shape) ?? {};
      }
      case 'rest-json':
      case 'rest-xml':
        return await decodeRest(model, operation, labels, request);
    }
  } catch (error) {
    if (error instanceof AwsError) throw error;
    throw new AwsError('SerializationException', `the body is not what ${operation.name} takes`);
  }
}

const MAX_INFLATED_BYTES = 64 * 1024 * 1024;

/** The body as it was before the client compressed it, as the SDKs do with PutMetricData from 10 KB on. Not for S3: there it is the object's. */
const decompress = ({ headers, body }: WireRequest): Buffer =>
  headers['content-encoding'] === 'gzip' ? gunzipSync(body, { maxOutputLength: MAX_INFLATED_BYTES }) : body;

const readBody = async (codec: JsonCodec2, schema: NormalizedSchema, body: Uint8Array): Promise<Shape> =>
  (await withPrototypeName(
    Buffer.from(body).toString('utf8'),
    (text) => codec.createDeserializer().read(schema, text) as Promise<Shape | undefined>,
  )) ?? {};

async function decodeRest(
  model: ServiceModel,
  { input }: OperationModel,
  labels: Readonly<Record<string, string>>,
  request: WireRequest,
): Promise<Shape> {
  const shape: Shape = {};
  if (!input.isStructSchema()) return shape;
  const text = new FromStringShapeDeserializer(strings);
  const set = (name: string, member: NormalizedSchema, value: string | undefined): void => {
    if (value !== undefined) shape[name] = text.read(member, value);
  };
  let inBody = false;
  for (const [name, member] of input.structIterator()) {
    const traits = member.getMergedTraits();
    if (labels[name] !== undefined) set(name, member, labels[name]);
    else if (traits.httpQuery !== undefined) {
      if (member.isListSchema()) {
        const all = request.query.getAll(traits.httpQuery);
        if (all.length > 0) shape[name] = all.map((value) => text.read(member.getValueSchema(), value) as unknown);
      } else set(name, member, request.query.get(traits.httpQuery) ?? undefined);
    } else if (traits.httpHeader !== undefined) {
      const header = request.headers[traits.httpHeader.toLowerCase()];
      set(name, member, Array.isArray(header) ? header.join(', ') : header);
    } else if (traits.httpPrefixHeaders !== undefined) {
      const prefix = traits.httpPrefixHeaders.toLowerCase();
      const found = Object.entries(request.headers).filter(([header]) => header.startsWith(prefix));
      shape[name] = Object.fromEntries(found.map(([header, value]) => [header.slice(prefix.length), value]));
    } else if (traits.httpPayload) {
      if (member.isBlobSchema()) shape[name] = request.body;
      else if (member.isStringSchema()) shape[name] = request.body.toString('utf8');
      else if (request.body.length > 0) shape[name] = await readRestBody(model, member, request.body);
    } else if (!traits.httpQueryParams && !traits.httpLabel) inBody = true;
  }
  // Members bound elsewhere are left out of the body by its reader.
  const body = inBody && request.body.length > 0 ? await readRestBody(model, input, request.body) : {};
  return { ...(body as Shape), ...shape };
}

const readRestBody = async (model: ServiceModel, schema: NormalizedSchema, body: Uint8Array): Promise<unknown> =>
  model.protocol === 'rest-json'
    ? readBody(restJson, schema, body)
    : new XmlCodec(xmlSettings(model)).createDeserializer().read(schema, body);

/** Writes an operation's answer. */
export function encode(model: ServiceModel, operation: OperationModel, output: Shape, requestId: string): WireResponse {
  switch (model.protocol) {
    case 'json':
      return {
        status: 200,
        headers: { 'content-type': `application/x-amz-json-${model.version === '2012-08-10' ? '1.0' : '1.1'}` },
        body: operation.output.isStructSchema() ? writeBody(json, operation.output, output) : '{}',
      };
    case 'query': {
      const result = operation.output.isStructSchema()
        ? `<${operation.name}Result>${writeXmlMembers(model, operation.output, output)}</${operation.name}Result>`
        : '';
      return {
        status: 200,
        headers: { 'content-type': 'text/xml' },
        body: `<${operation.name}Response xmlns="${model.xmlNamespace}">${result}<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${operation.name}Response>`,
      };
    }
    case 'rest-json':
    case 'rest-xml':
      return encodeRest(model, operation, output);
  }
}

function writeBody(codec: JsonCodec2, schema: NormalizedSchema, value: unknown): string | Uint8Array {
  const serializer = codec.createSerializer();
  serializer.write(schema, value);
  return serializer.flush();
}

function writeXml(model: ServiceModel, schema: NormalizedSchema, value: unknown): string {
  const serializer = new XmlCodec(xmlSettings(model)).createSerializer();
  serializer.write(schema, value);
  return String(serializer.flush());
}

// The serializer writes a whole document, and the query protocol wants its members inside an element of another name.
const writeXmlMembers = (model: ServiceModel, schema: NormalizedSchema, value: unknown): string => {
  const xml = writeXml(model, schema, value);
  const open = xml.indexOf('>', xml.startsWith('<?') ? xml.indexOf('?>') + 2 : 0);
  return xml[open - 1] === '/' ? '' : xml.slice(open + 1, xml.lastIndexOf('</'));
};

function encodeRest(model: ServiceModel, { output: schema, http }: OperationModel, output: Shape): WireResponse {
  const headers: Record<string, string> = {};
  const inBody: Shape = {};
  let status = http?.status ?? 200;
  let payload: string | Uint8Array | undefined;
  const text = new ToStringShapeSerializer(strings);
  for (const [name, member] of schema.isStructSchema() ? schema.structIterator() : []) {
    const value = output[name];
    const traits = member.getMergedTraits();
    if (value === undefined || value === null) continue;
    if (traits.httpHeader !== undefined) {
      text.write(member, value);
      headers[traits.httpHeader.toLowerCase()] = text.flush();
    } else if (traits.httpPrefixHeaders !== undefined) {
      for (const [key, item] of Object.entries(value)) headers[traits.httpPrefixHeaders + key] = String(item);
    } else if (traits.httpResponseCode) status = Number(value);
    else if (traits.httpPayload) {
      if (value instanceof Uint8Array || typeof value === 'string') payload = value;
      else
        payload = model.protocol === 'rest-json' ? writeBody(restJson, member, value) : writeXml(model, member, value);
    } else inBody[name] = value;
  }
  if (payload === undefined && schema.isStructSchema() && !hasPayload(schema))
    payload =
      model.protocol === 'rest-json'
        ? writeBody(restJson, schema, inBody)
        : hasBody(schema)
          ? writeXml(model, schema, inBody)
          : '';
  headers['content-type'] ??= model.protocol === 'rest-json' ? 'application/json' : 'application/xml';
  return { status, headers, body: payload ?? '' };
}

const hasPayload = (schema: NormalizedSchema): boolean =>
  [...schema.structIterator()].some(([, member]) => member.getMergedTraits().httpPayload);

// A document without members is still one: the AWS CLI takes an empty answer for broken XML.
const hasBody = (schema: NormalizedSchema): boolean =>
  [...schema.structIterator()].some(([, member]) => {
    const { httpHeader, httpPrefixHeaders, httpResponseCode } = member.getMergedTraits();
    return httpHeader === undefined && httpPrefixHeaders === undefined && !httpResponseCode;
  });

/** Writes an error in the form of a service's protocol. */
export function encodeError(model: ErrorForm, error: AwsError, requestId: string): WireResponse {
  const known = model.errors.get(error.code);
  const status = known?.status ?? error.status;
  switch (model.protocol) {
    case 'json':
    case 'rest-json': {
      // What these services call it (DynamoDB Developer Guide, "Error messages and codes"); to the others it is the token's.
      const code = error.code === 'InvalidClientTokenId' ? 'UnrecognizedClientException' : error.code;
      return {
        status,
        headers: {
          'content-type': 'application/json',
          'x-amzn-errortype': code,
          // What a client that knows the service from the query protocol goes by.
          ...(known?.queryCode !== undefined && {
            'x-amzn-query-error': `${known.queryCode};${status < 500 ? 'Sender' : 'Receiver'}`,
          }),
        },
        body: JSON.stringify({ __type: code, message: error.message, Message: error.message }),
      };
    }
    case 'ec2':
    case 'query':
    case 'rest-xml': {
      const type = status < 500 ? 'Sender' : 'Receiver';
      const detail = `<Type>${type}</Type><Code>${escapeXml(known?.queryCode ?? error.code)}</Code><Message>${escapeXml(error.message)}</Message>`;
      const body =
        model.protocol === 'ec2'
          ? `<Response><Errors><Error>${detail}</Error></Errors><RequestID>${requestId}</RequestID></Response>`
          : model.protocol === 'query'
            ? `<ErrorResponse xmlns="${model.xmlNamespace}"><Error>${detail}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`
            : `<Error>${detail}<RequestId>${requestId}</RequestId></Error>`;
      return { status, headers: { 'content-type': 'application/xml' }, body };
    }
  }
}

const escapeXml = (text: string): string =>
  text.replace(/[&<>]/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[character] ?? '');
