import { beforeEach, expect, test } from 'vitest';
import { retried } from '../../src/cloudformation/engine/retried.ts';
import { CancelledError } from '../../src/cloudformation/engine/handler.ts';
import { quickPace } from '../../src/pace/pace.ts';
import { AwsError, NotImplementedError } from '../../src/errors.ts';

let controller = new AbortController();
beforeEach(() => void (controller = new AbortController()));

/** Calls that fail some times, with an error each, before one succeeds. */
function failing(...errors: readonly Error[]) {
  let calls = 0;
  const invoke = retried(
    (_service, operation) => {
      const error = errors[calls++];
      return error ? Promise.reject(error) : Promise.resolve(operation as never);
    },
    quickPace().pauses('cloudformation-retries'),
    controller.signal,
  );
  return { answer: () => invoke('iot', 'CreateThing', { thingName: 'x' }), calls: () => calls };
}

const internal = new AwsError('InternalFailureException', 'an internal error', 500);

test.each([
  ['throttled by name', new AwsError('ThrottlingException', 'Rate exceeded', 400)],
  ['throttled by status', new AwsError('Whatever', 'Rate exceeded', 429)],
  ['failed within the service', internal],
  ['unavailable', new AwsError('ServiceUnavailableException', 'later', 503)],
])('a call that was %s is made again', async (_, error) => {
  const { answer, calls } = failing(error, error);
  expect(await answer()).toBe('CreateThing');
  expect(calls()).toBe(3);
});

test.each([
  ['refused', new AwsError('AccessDeniedException', 'not you', 403)],
  ['wrong', new AwsError('InvalidRequestException', 'not that', 400)],
  ['not implemented here', new NotImplementedError('iot:CreateThing')],
  ['no answer of AWS', new Error('a bug')],
])('a call that is %s fails at once', async (_, error) => {
  const { answer, calls } = failing(error);
  await expect(answer()).rejects.toBe(error);
  expect(calls()).toBe(1);
});

test('what goes on failing fails in the end, with the last error', async () => {
  const last = new AwsError('InternalFailureException', 'the last', 500);
  const { answer, calls } = failing(internal, internal, internal, internal, last);
  await expect(answer()).rejects.toBe(last);
  expect(calls()).toBe(5);
});

test('no attempt follows once the operation has failed elsewhere', async () => {
  const { answer, calls } = failing(internal, internal);
  const answered = answer();
  controller.abort();
  await expect(answered).rejects.toBeInstanceOf(CancelledError);
  expect(calls()).toBe(1);
});
