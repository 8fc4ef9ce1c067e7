import { randomUUID } from 'node:crypto';
import { AwsError, NotImplementedError } from '../../errors.ts';
import { CancelledError, type Handler, type HandlerRequest, type Made } from '../engine/handler.ts';
import { physicalName } from '../resources/physical-name.ts';
import { type Properties, type Value, isMap } from '../template/value.ts';
import { type Answer, readAnswer } from './answer.ts';
import type { CustomResourceResponses } from './responses.ts';

/** CloudFormation's default and upper limit of ServiceTimeout, in seconds. */
const LONGEST_WAIT = 3600;

/**
 * A resource behind which a Lambda function stands, after the User Guide's "Custom resource provisioning logic": the function
 * is invoked asynchronously and answers by a PUT to a URL. Neither the event nor the answer is ever logged.
 */
export class CustomResourceHandler implements Handler {
  readonly #responses: CustomResourceResponses;

  constructor(responses: CustomResourceResponses) {
    this.#responses = responses;
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
    try {
      await invoke('lambda', 'Invoke', { FunctionName: token, InvocationType: 'Event', Payload });
    } catch (error) {
      // What is refused has not run.
      if (!(error instanceof AwsError) || error.status >= 500) sent();
      throw error;
    }
    sent();
    const seconds = Number(properties.ServiceTimeout ?? LONGEST_WAIT);
    return readAnswer(await inTime(slot.body, seconds, ids.RequestId, signal), ids);
  }
}

function inTime(body: Promise<Buffer>, seconds: number, requestId: string, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const cancel = (): void => end(() => reject(new CancelledError()));
    const late = `CloudFormation did not receive a response from your Custom Resource within ${seconds} seconds. Please check your logs for requestId [${requestId}].`;
    const timer = setTimeout(() => end(() => reject(new Error(late))), seconds * 1000);
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
