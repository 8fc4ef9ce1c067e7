import { buildSync } from 'esbuild';
import { fileURLToPath } from 'node:url';
import { VERB_NAMES } from '../program.ts';

/** IAM's prefixes, by the names of the SDK's packages. */
const PREFIXES: Readonly<Record<string, string>> = {
  'cloudwatch-logs': 'logs',
  'iot-data-plane': 'iot',
};

/** Operations that IAM knows by another name (Service Authorization Reference). */
const ACTIONS: Readonly<Record<string, string>> = {
  'sqs:DeleteMessageBatch': 'sqs:DeleteMessage',
};

/** Operations that everybody may call (STS API Reference, GetCallerIdentity). */
const FREE = ['sts:GetCallerIdentity'];

/**
 * The IAM actions that each verb may call for, read from its code: esbuild leaves out what the verb does not reach, and the
 * operations of the AWS SDK are among the names that it still uses.
 */
export function actionsByVerb(): ReadonlyMap<string, readonly string[]> {
  return new Map(VERB_NAMES.map((verb) => [verb, actionsIn(reachedBy(verb))]));
}

function reachedBy(verb: string): string {
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(new URL(`../verbs/${verb}.ts`, import.meta.url))],
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    write: false,
    logLevel: 'error',
  });
  return outputFiles[0]?.text ?? '';
}

function actionsIn(code: string): string[] {
  const found = new Set<string>();
  for (const [, names = '', service = ''] of code.matchAll(/import \{([^}]*)\} from "@aws-sdk\/client-([\w-]+)"/g)) {
    for (const name of names.split(',').map((each) => each.trim())) {
      const [, paginated, called] = /^(?:paginate(\w+)|(\w+)Command)$/.exec(name) ?? [];
      const isUsed = code.split(new RegExp(`\\b${name}\\b`)).length > 2; // beside its import
      const operation = paginated ?? called;
      if (operation !== undefined && isUsed) found.add(`${PREFIXES[service] ?? service}:${operation}`);
    }
  }
  return [...found]
    .filter((action) => !FREE.includes(action))
    .map((action) => ACTIONS[action] ?? action)
    .sort();
}
