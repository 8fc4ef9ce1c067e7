import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Lambda, startLambda } from './start-lambda.ts';

let lambda: Lambda;
beforeAll(async () => {
  lambda = await startLambda();
});
afterAll(() => lambda.close());

it('counts invocations and errors, and says so when there was none', async () => {
  const name = await lambda.create(
    'export const handler = async ({ fail }) => { if (fail) throw new Error("it broke"); };',
  );
  const counted = (metric: string) => {
    const found = lambda.services.metrics.find({
      namespace: 'AWS/Lambda',
      name: metric,
      dimensions: { FunctionName: name },
    });
    return [...(found?.minutes.values() ?? [])].reduce((total, { sum }) => total + sum, 0);
  };
  await lambda.invoke(name, { fail: false });
  expect([counted('Invocations'), counted('Errors')]).toEqual([1, 0]);
  await lambda.invoke(name, { fail: true });
  expect([counted('Invocations'), counted('Errors')]).toEqual([2, 1]);
});
