import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

// zizmor looks further, in .ci/run. This holds what must not slip in between.

interface Workflow {
  readonly permissions: object;
  readonly concurrency: { readonly group: string; readonly 'cancel-in-progress': boolean };
  readonly jobs: Record<string, Job>;
}

interface Job {
  readonly permissions: Record<string, string>;
  readonly environment?: string;
  readonly steps: readonly { readonly uses?: string; readonly run?: string }[];
}

const FOLDER = '.github/workflows';
const read = (file: string) => parse(readFileSync(join(FOLDER, file), 'utf8')) as Workflow;

describe.each(readdirSync(FOLDER))('%s', (file) => {
  const { permissions, jobs, concurrency } = read(file);
  const steps = Object.values(jobs).flatMap((job) => job.steps);

  test('gives no job a permission that the job does not ask for', () => {
    expect(permissions).toEqual({});
    for (const job of Object.values(jobs)) expect(job.permissions).toBeDefined();
  });

  test('pins each action by its commit', () => {
    for (const { uses } of steps) if (uses !== undefined) expect(uses).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
  });

  test('runs files that exist', () => {
    const files = steps.flatMap(({ run = '' }) => run.match(/\.(github|ci)\/[\w./-]+/g) ?? []);
    expect(files.length).toBeGreaterThan(0);
    for (const path of files) expect(existsSync(path), path).toBe(true);
  });

  test('runs beside no other run of the same', () => {
    expect(concurrency.group).toBeTruthy();
  });

  test('runs nothing of the packages where it may write', () => {
    const writing = Object.values(jobs).filter((job) => 'pull-requests' in job.permissions);
    for (const { steps } of writing) for (const { run = '' } of steps) expect(run).not.toMatch(/\bnp[mx]\b/);
  });
});

test('only the job that deploys gets a token for AWS, in an environment, and no run of it is cut off', () => {
  const { jobs, concurrency } = read('deploy.yml');
  expect(concurrency['cancel-in-progress']).toBe(false);
  const withToken = Object.entries(jobs).filter(([, job]) => 'id-token' in job.permissions);
  expect(withToken.map(([name, { environment }]) => [name, environment])).toEqual([['deploy', 'fleet']]);
  expect(Object.values(read('review.yml').jobs).filter((job) => 'id-token' in job.permissions)).toEqual([]);
});

test('what cannot be undone waits for a person', () => {
  const { jobs } = read('deploy.yml');
  expect(jobs.approve?.environment).toBe('fleet-irreversible');
  expect(jobs.deploy).toMatchObject({ needs: ['review', 'approve'] });
});
