import type { AccessStatement } from './access-changes.ts';
import type { Comparison } from './compare.ts';
import { code, codes, deviceCodes, type Part, type Span, strong } from './document.ts';
import type { Acknowledgement, Finding } from './assembly.ts';
import type { Changes } from './findings.ts';
import { lineDiff } from './line-diff.ts';
import type { PolicyChange, PolicyChanges } from './policy-changes.ts';
import type { ResourceChange } from './resource-changes.ts';
import type { RuleChange } from './rule-changes.ts';
import { sqlLines } from './sql-lines.ts';

const ACTION_WORDS: Readonly<Record<string, string>> = {
  'iot:Connect': 'connect as',
  'iot:Publish': 'publish to',
  'iot:Receive': 'receive from',
  'iot:Subscribe': 'subscribe to',
};

const MAY: Readonly<Record<PolicyChange['may'], string>> = {
  now: 'may now',
  'no longer': 'may no longer',
  unclear: 'may or may not, which depends on a condition that is not understood here,',
};

export function policyParts(policies: readonly PolicyChanges[]): Part[] {
  return policies.flatMap(({ devices, changes }) =>
    changes.map(({ may, action, resource, example, detached }): Part => {
      const words = ACTION_WORDS[action] ?? `use ${action} on`;
      const such: Span[] = example === resource ? [] : [', such as ', code(example)];
      const even = detached ? [', even while the certificate is not attached to its thing'] : [];
      return [...deviceCodes(devices), ' ', strong(MAY[may]), ` ${words} `, code(resource), ...such, ...even];
    }),
  );
}

export function ruleParts(rules: readonly RuleChange[]): Part[] {
  return rules.flatMap(({ rule, change, sql, rows, errorAction, members }): Part[] => [
    [strong(change), ' ', code(rule), ...(members.length > 0 ? [': ', ...codes(members)] : [])],
    ...(errorAction === 'removed'
      ? [[code(rule), ' has no error action any more: a message that its action fails on is lost without a trace']]
      : errorAction === undefined
        ? []
        : [[code(rule), `: error action ${errorAction}`]]),
    ...(sql ? [block(lineDiff(sqlLines(sql.before), sqlLines(sql.after)))] : []),
    ...(rows
      ? [
          [
            code(rows.message.payload),
            ' published to ',
            code(rows.message.topic),
            rows.before === rows.after ? ' still becomes' : ' becomes',
          ],
          block(lineDiff(rowLines(rows.before), rowLines(rows.after))),
        ]
      : []),
  ]);
}

function block(text: string): Part {
  return { block: text, language: 'diff' };
}

/** A column a line; what is no row as it is. */
function rowLines(row: string): string {
  return row.startsWith('{') ? JSON.stringify(JSON.parse(row), undefined, 2) : row;
}

export function accessParts({ added, removed }: Changes<AccessStatement>): Part[] {
  const lines = [...removed.map((one) => `- ${statementText(one)}`), ...added.map((one) => `+ ${statementText(one)}`)];
  return lines.length === 0 ? [] : [block(lines.join('\n'))];
}

function statementText({ stack, effect, action, resource, principal, condition }: AccessStatement): string {
  return `${effect} ${principal}: ${action} on ${resource}${condition === '' ? '' : ` if ${condition}`} (${stack})`;
}

export function findingParts(findings: Changes<Finding>, acknowledgements: Changes<Acknowledgement>): Part[] {
  return [
    ...findings.added.map(({ rule, severity, construct, description }): Part => [
      strong(`new ${severity}`),
      ' ',
      code(rule),
      ' at ',
      code(construct),
      `: ${description}`,
    ]),
    ...acknowledgements.added.map(({ rule, construct, reason }): Part => [
      strong('new suppression'),
      ' of ',
      code(rule),
      ' at ',
      code(construct),
      `: ${reason}`,
    ]),
    ...acknowledgements.removed.map(({ rule, construct }): Part => [
      'suppression gone: ',
      code(rule),
      ' at ',
      code(construct),
    ]),
    ...findings.removed.map(({ rule, construct }): Part => ['finding gone: ', code(rule), ' at ', code(construct)]),
  ];
}

/** What the sections above do not say already. */
export function resourceParts({
  stacks,
  resources,
  parts,
}: Pick<Comparison, 'stacks' | 'resources' | 'parts'>): Part[] {
  const groups = new Map<string, { one: ResourceChange; stacks: string[] }>();
  for (const one of resources.filter(({ change }) => change === 'added' || change === 'changed')) {
    const key = [one.name, one.type, one.change, ...one.details].join('\n');
    const group = groups.get(key) ?? { one, stacks: [] };
    group.stacks.push(one.stack);
    groups.set(key, group);
  }
  return [
    ...stacks.added.map((name): Part => [strong('new'), ' stack ', code(name)]),
    ...[...groups.values()].map(({ one, stacks: all }): Part => {
      const details = one.details.length > 0 ? `: ${one.details.join(', ')}` : '';
      return [strong(one.change), ' ', code(one.name), ` (${one.type}, ${all.join(', ')})${details}`];
    }),
    ...parts.map(({ stack, part, change }): Part => [strong(change), ' ', code(part), ` (${stack})`]),
  ];
}
