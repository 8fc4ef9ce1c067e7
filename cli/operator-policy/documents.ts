import type { FleetNames } from '../../lib/fleet/names.ts';
import { actionsByVerb } from './calls.ts';
import { operatorPolicy, statementsFor } from './statements.ts';

/** What `npm run operator-policy` writes for a fleet: files from the folder of the app, with their text. */
export function documents(names: FleetNames, kmsKey?: string): ReadonlyMap<string, string> {
  return new Map([
    ['docs/operator-policy.json', `${JSON.stringify(operatorPolicy(names, kmsKey), undefined, 2)}\n`],
    ['docs/operator-policy.md', page(names)],
  ]);
}

function page(names: FleetNames): string {
  const verbs = actionsByVerb();
  const head = ['statement', 'lets you', 'these verbs need it'];
  const rows = statementsFor(names).map(({ Sid, purpose, Action }) => {
    const missing = [...verbs].filter(([, actions]) => Action.some((action) => actions.includes(action)));
    return [`\`${Sid}\``, purpose, missing.map(([verb]) => `\`${verb}\``).join(', ')];
  });
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const table = [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
  return `# What an operator needs of IAM

[operator-policy.json](operator-policy.json) is an IAM policy with all that the verbs of \`fleet\` call for, and nothing else. Give it to the
role that your operators assume:

\`\`\`console
aws iam create-policy --policy-name esp-fleet-operator --policy-document file://docs/operator-policy.json
\`\`\`

Leave out statements that somebody does not need. A verb that only reads goes on without them: it shows what it may not read as "unknown", and
names the IAM action that is missing. A verb that changes something fails instead, and names the action. \`cdk deploy\` needs other permissions:
those to assume the roles of \`cdk bootstrap\`.

${table}

\`npm run operator-policy\` writes the policy and the table, from the calls that the code of each verb reaches. In
\`test/end-to-end/operator-policy.test.ts\` an operator begins without any permission, in the local cloud, which evaluates IAM policies. Each action
is refused, and named, until it is granted. With all of them every verb does its work.
`;
}
