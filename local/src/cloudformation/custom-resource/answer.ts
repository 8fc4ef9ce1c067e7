import { type Properties, type Value, isMap } from '../template/value.ts';

/** What a custom resource answered. */
export interface Answer {
  readonly id: string;
  /** For Fn::GetAtt. */
  readonly data: Properties;
  /** Why it failed, in CloudFormation's words; undefined when it did not. */
  readonly failure: string | undefined;
}

/** What an answer repeats from the request, word for word. */
export interface RequestIds {
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
}

const MAX_BYTES = 4096;
const MAX_ID_BYTES = 1024;

/** Reads an answer (User Guide, "Custom resource response objects"). Throws, without quoting it, when it is not of that form. */
export function readAnswer(body: Buffer, ids: RequestIds): Answer {
  if (body.length > MAX_BYTES) throw new Error('Response object is too long.');
  const answer = parse(body);
  const { Status, Reason, PhysicalResourceId, Data = {} } = answer;
  for (const [name, id] of Object.entries(ids))
    if (answer[name] !== id) throw invalid(`${name} is not that of the request`);
  if (Status !== 'SUCCESS' && Status !== 'FAILED') throw invalid('Status must be SUCCESS or FAILED');
  if (Reason !== undefined && typeof Reason !== 'string') throw invalid('Reason must be of type String');
  if (typeof PhysicalResourceId !== 'string' || PhysicalResourceId === '')
    throw new Error('Invalid PhysicalResourceId');
  if (Buffer.byteLength(PhysicalResourceId) > MAX_ID_BYTES) throw invalid('PhysicalResourceId is over 1 KB');
  if (!isMap(Data)) throw invalid('Data must be an object');
  if (answer.NoEcho !== undefined && typeof answer.NoEcho !== 'boolean')
    throw invalid('NoEcho must be of type Boolean');
  // NoEcho has nothing to mask: what a resource answers is shown in outputs only, which CloudFormation does not mask either.
  return {
    id: PhysicalResourceId,
    data: Data,
    failure:
      Status === 'FAILED'
        ? `Received response status [FAILED] from custom resource. Message returned: ${Reason ?? 'none'} (RequestId: ${ids.RequestId})`
        : undefined,
  };
}

const invalid = (why: string): Error => new Error(`Invalid response object: ${why}`);

function parse(body: Buffer): Properties {
  let json: Value;
  try {
    json = JSON.parse(body.toString('utf8')) as Value;
  } catch {
    throw invalid('the body is not JSON');
  }
  if (!isMap(json)) throw invalid('the body is not an object');
  return json;
}
