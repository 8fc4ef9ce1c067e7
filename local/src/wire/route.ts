import type { OperationModel, ServiceModel } from './model.ts';
import type { WireRequest } from './request.ts';

/** The operation that a request means, and what its path says; undefined when the model has none like it. */
export interface Route {
  readonly operation: OperationModel;
  readonly labels: Readonly<Record<string, string>>;
}

/** Finds the operation by the rules of the service's protocol. */
export function route(model: ServiceModel, request: WireRequest): Route | undefined {
  switch (model.protocol) {
    case 'json': {
      const [target, name = ''] = String(request.headers['x-amz-target'] ?? '').split('.', 2);
      const operation = target === model.target ? model.operations.get(name) : undefined;
      return operation && { operation, labels: {} };
    }
    case 'query': {
      const operation = model.operations.get(new URLSearchParams(request.body.toString('utf8')).get('Action') ?? '');
      return operation && { operation, labels: {} };
    }
    case 'rest-json':
    case 'rest-xml':
      return routeByPath(model, request);
  }
}

function routeByPath(model: ServiceModel, request: WireRequest): Route | undefined {
  const segments = request.rawPath.split('/').filter((segment) => segment !== '');
  // S3's schemas leave the bucket out of the path, since it may stand in the host name; here it is always in the path.
  const bucket = model.namespace === 'com.amazonaws.s3' ? segments.shift() : undefined;
  let best: (Route & { rank: number }) | undefined;
  for (const operation of model.operations.values()) {
    if (operation.http?.method !== request.method) continue;
    if ((bucket !== undefined) !== operation.required.includes('Bucket') && model.namespace === 'com.amazonaws.s3')
      continue;
    const labels = matchPath(operation.http.segments, segments);
    if (!labels || !matchQuery(operation.http.query, request.query)) continue;
    const required = boundRequired(operation, request);
    if (required === undefined) continue;
    // The more an operation asks for, the surer it is meant: CopyObject is a PutObject with one more header.
    const literal = operation.http.segments.filter((segment) => !segment.startsWith('{')).length;
    const rank = literal * 100 + operation.http.query.length * 10 + required;
    if (!best || rank > best.rank) best = { operation, labels, rank };
  }
  if (!best || bucket === undefined) return best;
  // A key may hold empty segments (`a//b`, `folder/`), so it is taken from the path as it stands.
  const key = request.rawPath.slice(request.rawPath.indexOf(bucket) + bucket.length + 1);
  const labels = { ...best.labels, Bucket: decode(bucket), ...(best.labels.Key !== undefined && { Key: decode(key) }) };
  return { ...best, labels };
}

const decode = (segment: string): string => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
};

function matchPath(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  const labels: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index];
    if (segment === undefined) return undefined;
    if (part.endsWith('+}')) {
      labels[part.slice(1, -2)] = segments.slice(index).map(decode).join('/');
      return labels;
    }
    if (part.startsWith('{')) labels[part.slice(1, -1)] = decode(segment);
    else if (part !== segment) return undefined;
  }
  return pattern.length === segments.length ? labels : undefined;
}

const matchQuery = (wanted: readonly (readonly [string, string])[], query: URLSearchParams): boolean =>
  wanted.every(([name, value]) => query.has(name) && (value === '' || query.get(name) === value));

/** How many required members stand in query and headers; undefined when one is missing. */
function boundRequired({ input, required }: OperationModel, request: WireRequest): number | undefined {
  let bound = 0;
  for (const member of required) {
    const { httpQuery, httpHeader } = input.getMemberSchema(member).getMergedTraits();
    if (httpQuery !== undefined) {
      if (!request.query.has(httpQuery)) return undefined;
      bound += 1;
    } else if (httpHeader !== undefined) {
      if (request.headers[httpHeader.toLowerCase()] === undefined) return undefined;
      bound += 1;
    }
  }
  return bound;
}
