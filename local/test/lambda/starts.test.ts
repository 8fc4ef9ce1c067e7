import { expect, test } from 'vitest';
import { Starts } from '../../src/lambda/starts.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('so many start at a time, in their order, and all are waited for', async () => {
  const starts = new Starts(2);
  const begun: number[] = [];
  const finish: (() => void)[] = [];
  const start = (n: number) =>
    starts.run(() => {
      begun.push(n);
      return new Promise<number>((resolve) => finish.push(() => resolve(n)));
    });
  const started = [1, 2, 3, 4].map(start);
  let isOver = false;
  const over = starts.over().then(() => (isOver = true));
  await turn();
  expect(begun).toEqual([1, 2]);
  finish.shift()?.();
  await turn();
  expect(begun).toEqual([1, 2, 3]);
  finish.splice(0).forEach((end) => end());
  await turn();
  expect(begun).toEqual([1, 2, 3, 4]);
  expect(isOver).toBe(false);
  finish.splice(0).forEach((end) => end());
  expect(await Promise.all(started)).toEqual([1, 2, 3, 4]);
  await over;
});

test('one that fails hinders no other', async () => {
  const starts = new Starts(1);
  const failed = starts.run(() => Promise.reject(new Error('no process')));
  const next = starts.run(() => Promise.resolve('up'));
  await expect(failed).rejects.toThrow('no process');
  expect(await next).toBe('up');
  await starts.over();
});
