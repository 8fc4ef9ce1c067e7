import { NormalizedSchema } from '@smithy/core/schema';

/**
 * What the AWS SDK knows of a service's wire format, read from the schemas that its client package exports. The only file
 * that depends on the layout of those schemas (tuples, see `@smithy/types`, schema/static-schemas).
 */
export interface ServiceModel {
  /** e.g. `com.amazonaws.iot`. */
  readonly namespace: string;
  readonly protocol: Protocol;
  /** First half of the X-Amz-Target header, for the JSON protocols. */
  readonly target: string;
  readonly xmlNamespace: string;
  readonly version: string;
  readonly operations: ReadonlyMap<string, OperationModel>;
  /** Schema of an error by its code, where the model names it. */
  readonly errors: ReadonlyMap<string, ErrorModel>;
  /**
   * The same service in the query protocol, for those that have moved from it to JSON and still serve their older clients:
   * CloudWatch and SQS.
   */
  readonly query?: ServiceModel;
}

export type Protocol = 'json' | 'rest-json' | 'query' | 'rest-xml';

export interface OperationModel {
  readonly name: string;
  readonly input: NormalizedSchema;
  readonly output: NormalizedSchema;
  /** Undefined for operations of protocols without HTTP bindings. */
  readonly http: HttpBinding | undefined;
  /** Members that a request must carry. */
  readonly required: readonly string[];
}

export interface HttpBinding {
  readonly method: string;
  /** Path segments; `{Name}` is a label, `{Name+}` takes the rest. */
  readonly segments: readonly string[];
  /** Query parameters that are part of the address; the value is empty when only the name counts. */
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly status: number;
}

export interface ErrorModel {
  /** Undefined where the model leaves it to the service. */
  readonly status: number | undefined;
  readonly schema: NormalizedSchema;
  /** The code of the query protocol where it differs from the shape's name. */
  readonly queryCode: string | undefined;
}

// Read when a client is made. On Node.js 20 each would say that its later versions want 22.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const PROTOCOLS: Readonly<Record<string, Protocol>> = {
  AwsJson1_0Protocol: 'json',
  AwsJson1_1Protocol: 'json',
  AwsRestJsonProtocol: 'rest-json',
  AwsQueryProtocol: 'query',
  S3RestXmlProtocol: 'rest-xml',
  AwsRestXmlProtocol: 'rest-xml',
};

const OPERATION = 9;
const ERROR = -3;

type SchemaRef = Parameters<typeof NormalizedSchema.of>[0];
type Deferred = SchemaRef | (() => SchemaRef) | undefined;
interface ClientLike {
  readonly config: { readonly protocol?: unknown };
}

const UNIT = 'unit' as SchemaRef;
const schemaOf = (ref: Deferred): NormalizedSchema =>
  NormalizedSchema.of((typeof ref === 'function' ? ref() : ref) ?? UNIT);

/** Reads a client package: `serviceModel(await import('@aws-sdk/client-iot'), IoTClient)`. */
export function serviceModel(
  sdk: object,
  Client: new (config: { region: string; endpoint: string }) => ClientLike,
): ServiceModel {
  const { protocol } = new Client({ region: 'us-east-1', endpoint: 'http://127.0.0.1' }).config as {
    protocol: { constructor: { name: string }; options: { defaultNamespace: string } } & Record<string, unknown>;
  };
  const kind = PROTOCOLS[protocol.constructor.name];
  if (!kind) throw new Error(`no codec for ${protocol.constructor.name}`);
  const settings = (protocol as { serdeContext?: { protocolSettings?: object } }).serdeContext?.protocolSettings;
  const { defaultNamespace, serviceTarget, xmlNamespace, version } = { ...settings, ...protocol.options } as {
    defaultNamespace: string;
    serviceTarget?: string;
    xmlNamespace?: string;
    version?: string;
  };
  const operations = new Map<string, OperationModel>();
  const errors = new Map<string, ErrorModel>();
  for (const schema of Object.values(sdk)) {
    if (!Array.isArray(schema)) continue;
    const [type, , name, traits] = schema as [number, string, string, Record<string, unknown> | 0];
    if (type === OPERATION) {
      const [input, output] = [schemaOf(schema[4] as Deferred), schemaOf(schema[5] as Deferred)];
      const http = traits && Array.isArray(traits.http) ? parseBinding(traits.http as BindingTuple) : undefined;
      operations.set(name, { name, input, output, http, required: requiredMembers(input) });
    } else if (type === ERROR) {
      const { httpError, awsQueryError } = traits || {};
      const queryCode = Array.isArray(awsQueryError) ? (awsQueryError[0] as string) : undefined;
      errors.set(name, {
        status: httpError as number | undefined,
        schema: NormalizedSchema.of(schema as SchemaRef),
        queryCode,
      });
    }
  }
  const model: ServiceModel = {
    namespace: defaultNamespace,
    protocol: kind,
    target: serviceTarget ?? '',
    xmlNamespace: xmlNamespace ?? '',
    version: version ?? '',
    operations,
    errors,
  };
  const hasMoved = kind === 'json' && [...errors.values()].some(({ queryCode }) => queryCode !== undefined);
  return hasMoved ? { ...model, query: { ...model, protocol: 'query' } } : model;
}

type BindingTuple = [method: string, uri: string, status: number];

function parseBinding([method, uri, status]: BindingTuple): HttpBinding {
  const [path = '', search = ''] = uri.split('?', 2);
  return {
    method,
    segments: path.split('/').filter((segment) => segment !== ''),
    // `x-id` tells S3's operations apart for newer SDKs, but older clients do not send it.
    query: [...new URLSearchParams(search)].filter(([name]) => name !== 'x-id'),
    status,
  };
}

// A structure is [3, namespace, name, traits, names, schemas, n]: the first n names are the required ones.
function requiredMembers(input: NormalizedSchema): readonly string[] {
  const schema = input.getSchema();
  if (!Array.isArray(schema)) return [];
  const [, , , , names, , count = 0] = schema as unknown as [
    number,
    string,
    string,
    unknown,
    string[],
    unknown,
    number,
  ];
  return Array.isArray(names) ? names.slice(0, count) : [];
}
