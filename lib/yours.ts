import type { App } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { FleetNames } from './fleet/names.ts';
import type { FleetSettings } from './fleet/schema.ts';

/** What constructs of yours can build on. */
export interface Ours {
  /** How everything of the fleet is called: topics, things, stacks. */
  readonly names: FleetNames;
  readonly settings: FleetSettings;
  /** The rows: partition key `device`, sort key `arrival`. */
  readonly table: ITable;
  /** An error action of a rule of yours may send to it, too; `fleet redrive` names what it cannot make a row of. */
  readonly deadLetters: IQueue;
}

/** The file that nobody but you writes. Its default export adds your stacks to the app. */
const YOURS = 'yours/stacks.ts';

/** Adds what the file has, if there is one. @param folder the one that has cdk.json */
export async function addYours(app: App, ours: Ours, folder = process.cwd()): Promise<void> {
  const file = `${folder}/${YOURS}`;
  if (!existsSync(file)) return;
  const { default: add } = (await import(pathToFileURL(file).href)) as { default?: (app: App, ours: Ours) => unknown };
  if (typeof add !== 'function')
    throw new Error(`${YOURS}: has no default export; allowed: a function of app and ours`);
  await add(app, ours);
}
