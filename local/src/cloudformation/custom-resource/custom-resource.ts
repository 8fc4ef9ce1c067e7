import { randomUUID } from 'node:crypto';
import { AwsError, NotImplementedError } from '../../errors.ts';
import type { EventRun } from '../../lambda/invoke.ts';
import type { Log } from '../../log.ts';
import { CancelledError, type Handler, type HandlerRequest, type Made } from '../engine/handler.ts';
import { physicalName } from '../resources/physical-name.ts';
import { type Properties, type Value, isMap } from '../template/value.ts';
import { type Answer, readAnswer } from './answer.ts';
import type { CustomResourceResponses } from './responses.ts';

/** CloudFormation's default and upper limit of ServiceTimeout, in seconds. */
const LONGEST_WAIT = 3600;

/** Of what a function wrote, so much stands in a log line or a reason. */
const LONGEST_WORDS = 300;

/** A request to a function, until it is answered and the function has ended. */
interface Asked {
  readonly what: string;
  readonly url: string;
  readonly seconds: number;
  readonly deadline: Date;
  /** How the answer came out; undefined while there is none. */
  succeeded?: boolean;
  /** What is known of the function's end. */
  ended?: string;
}

/**
 * A resource behind which a Lambda function stands, after the User Guide's "Custom resource provisioning logic": the function
 * is invoked asynchronously and answers by a PUT to a URL. Neither the event nor the answer is ever logged.
 */
export class CustomResourceHandler implements Handler {
  readonly #responses: CustomResourceResponses;
  readonly #log: Log;
  readonly #asked = new Map<string, Asked>();

  constructor(responses: CustomResourceResponses, log: Log) {
    this.#responses = responses;
    this.#log = log;
  }

  /**
   * Says why there will be no answer, or why it was a failure: the function's error, or the last line that it wrote.
   * CloudFormation never hears of either, and waits for an hour.
   */
  functionEnded({ functionName, event, error, last }: EventRun): void {
    const { RequestId = '' } = this.#asked.size > 0 ? ((JSON.parse(event) as { RequestId?: string } | null) ?? {}) : {};
    const asked = this.#asked.get(RequestId);
    if (asked === undefined) return;
    const { what, url, seconds, deadline, succeeded } = asked;
    if (succeeded !== undefined) this.#asked.delete(RequestId);
    if (succeeded === true) return;
    const why = error ?? (last === undefined ? 'it wrote nothing' : `its last line: ${withoutStamp(last)}`);
    // Many functions write the event that they got, and the URL in it is a secret.
    const said = why.replaceAll(url.slice(url.lastIndexOf('/') + 1), '…').replace(/\p{Cc}+/gu, ' ');
    const outcome =
      succeeded === false ? 'answered FAILED' : error === undefined ? 'ended without an answer' : 'failed';
    asked.ended = `the function ${functionName} ${outcome}: ${said.slice(0, LONGEST_WORDS)}`;
    const until = deadline.toISOString().slice(11, 19);
    const waits = `; without an answer the stack waits until ${until} UTC (ServiceTimeout of ${seconds} s)`;
    this.#log.warn(`${what}: ${asked.ended}${succeeded === false ? '' : waits}`);
  }

  async create(request: HandlerRequest): Promise<Made> {
    // Once the function may have run, something may exist: what never answers is deleted under an invented id.
    const id = physicalName(request.stack.name, request.logicalId, { max: 255 });
    return this.#change(request, { RequestType: 'Create' }, {}, () => request.exists({ id, attributes: {} }));
  }

  async update(request: HandlerRequest & { old: Properties; made: Made }): Promise<Made> {
    const OldResourceProperties = asText(request.old);
    const { id, attributes } = request.made;
    return this.#change(request, { RequestType: 'Update', PhysicalResourceId: id, OldResourceProperties }, attributes);
  }

  async delete(request: HandlerRequest & { made: Made }): Promise<void> {
    const answer = await this.#ask(request, { RequestType: 'Delete', PhysicalResourceId: request.made.id });
    if (answer.failure !== undefined) throw new Error(answer.failure);
  }

  async #change(request: HandlerRequest, event: object, attributes: Properties, sent?: () => void): Promise<Made> {
    const { id, failure, data } = await this.#ask(request, event, sent);
    if (failure === undefined) return { id, attributes: data };
    // The id of a failed answer counts: it names what there is to clean up.
    request.exists({ id, attributes });
    throw new Error(failure);
  }

  async #ask(request: HandlerRequest, event: object, sent: () => void = () => {}): Promise<Answer> {
    const { stack, logicalId, type, properties, invoke, signal } = request;
    const token = properties.ServiceToken;
    if (typeof token !== 'string' || !token.includes(':lambda:'))
      throw new NotImplementedError('a ServiceToken that is no Lambda function');
    const slot = this.#responses.expect();
    const ids = { StackId: stack.id, RequestId: randomUUID(), LogicalResourceId: logicalId };
    const payload = {
      ...event,
      ...ids,
      ResponseURL: slot.url,
      ServiceToken: token,
      ResourceType: type,
      ResourceProperties: asText(properties),
    };
    if (signal.aborted) throw new CancelledError();
    const Payload = Buffer.from(JSON.stringify(payload));
    const seconds = Number(properties.ServiceTimeout ?? LONGEST_WAIT);
    const deadline = new Date(Date.now() + seconds * 1000);
    const what = `custom resource ${logicalId} of stack ${stack.name}`;
    const asked: Asked = { what, url: slot.url, seconds, deadline };
    this.#asked.set(ids.RequestId, asked);
    try {
      await invoke('lambda', 'Invoke', { FunctionName: token, InvocationType: 'Event', Payload });
    } catch (error) {
      this.#asked.delete(ids.RequestId);
      // What is refused has not run.
      if (!(error instanceof AwsError) || error.status >= 500) sent();
      throw error;
    }
    sent();
    try {
      const answer = readAnswer(await inTime(slot.body, asked, ids.RequestId, signal), ids);
      asked.succeeded = answer.failure === undefined;
      return answer;
    } finally {
      // What has answered and still runs is asked for its last words yet.
      if (asked.succeeded === undefined || asked.ended !== undefined) this.#asked.delete(ids.RequestId);
    }
  }
}

/** A line of the text format has its time and the request's id in front. */
const withoutStamp = (line: string): string => line.replace(/^\S+Z\t\S+\t/, '');

function inTime(body: Promise<Buffer>, asked: Asked, requestId: string, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const cancel = (): void => end(() => reject(new CancelledError()));
    const late = (): string =>
      `CloudFormation did not receive a response from your Custom Resource within ${asked.seconds} seconds. Please check your logs for requestId [${requestId}].${asked.ended === undefined ? '' : ` (${asked.ended})`}`;
    const timer = setTimeout(() => end(() => reject(new Error(late()))), asked.seconds * 1000);
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', cancel);
      settle();
    };
    signal.addEventListener('abort', cancel);
    // The operation may have failed while the function was being invoked.
    if (signal.aborted) cancel();
    void body.then((buffer) => end(() => resolve(buffer)));
  });
}

/** As CloudFormation sends them: every value that is not a list or an object is text. */
function asText(value: Properties): Properties;
function asText(value: Value): Value;
function asText(value: Value): Value {
  if (Array.isArray(value)) return value.map((item) => asText(item));
  if (isMap(value)) return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, asText(member)]));
  return String(value);
}
