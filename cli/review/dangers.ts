import type { FleetNames } from '../../lib/fleet/names.ts';
import { stackDeletion } from '../fleet/stack-deletion.ts';
import { enumerated } from '../terminal/counted.ts';
import type { DeviceChanges, RekeyedDevice, TemplateDevice } from './devices.ts';
import { sortedBy } from './order.ts';
import type { ResourceChange } from './resource-changes.ts';
import type { Template } from './template.ts';

/** Something that is deleted, replaced, taken over or less protected. */
export interface Danger {
  /** Whether no later deployment brings back what is lost. */
  readonly irreversible: boolean;
  readonly what:
    | 'deleted'
    | 'deleted sooner'
    | 'left behind'
    | 'loses rights'
    | 'may be replaced'
    | 'moved'
    | 'replaced'
    | 're-keyed'
    | 'refused'
    | 'revoked'
    | 'taken over'
    | 'unprotected';
  /** Such as `device` or `AWS::DynamoDB::Table`. */
  readonly type: string;
  /** A site, for devices; else a stack. */
  readonly where: string;
  /** Of all of this kind for which the consequence is the same. */
  readonly names: readonly string[];
  readonly consequence: string;
}

/** What holds nothing that a later deployment would not make again. */
const STATELESS = new Set([
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::IoT::Policy',
  'AWS::IoT::Thing',
  'AWS::IoT::TopicRule',
  'AWS::Lambda::Function',
  'AWS::Lambda::Permission',
  'AWS::SNS::Subscription',
  'AWS::SNS::Topic',
  'AWS::SQS::QueuePolicy',
]);

/** Ways to a new identity by which no board loses the one that it uses. */
const HARMLESS: readonly RekeyedDevice['by'][] = ['rotated', 'renewed', 'board'];

const NOT_CONNECTING = 'the board cannot connect until it has the new one';

export function deviceDangers({ removed, revoked, rekeyed, moved, other }: DeviceChanges, names: FleetNames): Danger[] {
  const device = (what: Danger['what'], name: string, where: string, consequence: string): Danger => {
    return { irreversible: true, what, type: 'device', where, names: [name], consequence };
  };
  return [
    ...removed.map((one) =>
      one.isGivenBack
        ? { ...device('deleted', one.device, one.site, GIVEN_BACK), irreversible: false }
        : device(
            'deleted',
            one.device,
            one.site,
            `${one.enrols ? 'its certificates' : 'certificate and private key'} go; the board cannot connect any more`,
          ),
    ),
    ...revoked.map((one) =>
      device('revoked', one.device, one.site, 'final: no deployment and no rollback makes the certificate valid again'),
    ),
    ...moved.map(({ device: name, from, to }) =>
      device(
        'moved',
        name,
        `${from} → ${to}`,
        `the old identity is deleted, another one is made; ${NOT_CONNECTING}; ` +
          `deploy ${names.siteStack(from)} before ${names.siteStack(to)}, or the names are still taken`,
      ),
    ),
    ...rekeyed
      .filter(({ by }) => !HARMLESS.includes(by))
      .map((one) => device('re-keyed', one.device, one.site, lossOf(one))),
    ...other
      .filter(({ refused }) => refused)
      .map((one) => ({ ...device('refused', one.device, one.site, REFUSED), irreversible: false })),
  ];
}

const GIVEN_BACK =
  'the certificate that its board had before is given back, with the policies that it had, and so is its thing';

/** Stands for the devices for which a consequence is the same, in a command for each. */
const EACH = '<each>';

const REFUSED = `the deployment will refuse another key: a generation never changes; add one (bin/fleet rotate ${EACH})`;

function lossOf({ by, gone, isGivenBack }: RekeyedDevice): string {
  if (isGivenBack) return `of generation ${gone.join(', ')}, ${GIVEN_BACK.replace(', and so is its thing', '')}`;
  if (by === 'key') return `its certificates are deleted; ${NOT_CONNECTING}`;
  if (by === 'logical id') return `its logical id has moved, so the old identity is deleted; ${NOT_CONNECTING}`;
  const deleted = `the key and the certificate of generation ${gone.join(', ')} are deleted`;
  return by === 'replaced'
    ? `${deleted}; ${NOT_CONNECTING}`
    : `${deleted}; a board that still uses that generation cannot connect any more`;
}

/** Devices in a stack that is left behind are not deleted, but nobody looks after them. */
export function leftBehind(stack: string, devices: Iterable<TemplateDevice>): Danger {
  const names = [...devices].filter((device) => device.stack === stack).map(({ name }) => name);
  const consequence =
    `no longer in the app, so cdk neither updates nor deletes it${names.length > 0 ? ` (devices: ${enumerated(names)})` : ''}; ` +
    `delete it with: ${stackDeletion(stack)}`;
  return { irreversible: true, what: 'left behind', type: 'stack', where: stack, names: [stack], consequence };
}

export function resourceDangers(changes: readonly ResourceChange[], before: Template, after: Template): Danger[] {
  return changes.flatMap(({ change, logicalId, name, type, stack, details }): Danger[] => {
    const [then, now] = [before.Resources[logicalId], after.Resources[logicalId]];
    const irreversible = !STATELESS.has(type);
    const danger = (what: Danger['what'], consequence: string): Danger => {
      return {
        irreversible: irreversible && what !== 'unprotected',
        what,
        type,
        where: stack,
        names: [name],
        consequence,
      };
    };
    switch (change) {
      case 'deleted':
        return [danger(change, irreversible ? 'with all that is in it' : 'holds no data')];
      case 'left behind':
        return [danger(change, 'stays in the account, outside of the stack; the app no longer knows it')];
      case 'replaced':
      case 'may be replaced': {
        const old =
          then?.UpdateReplacePolicy === 'Retain'
            ? 'the old one stays outside of the stack, with what is in it, and the app starts with an empty one'
            : irreversible
              ? 'the old one is deleted, with all that is in it'
              : 'holds no data';
        return [danger(change, `${details.join(', ')}; ${old}`)];
      }
      case 'changed': {
        const lost = PROTECTIONS.filter(({ holds }) => holds(then) && !holds(now)).map((protection) => protection.name);
        return [
          ...(irreversible && lost.length > 0 ? [danger('unprotected', `without ${lost.join(', ')} from now on`)] : []),
          ...shortenedLife(type, then, now).map(({ consequence, atOnce }) => {
            return { ...danger('deleted sooner', consequence), irreversible: atOnce };
          }),
        ];
      }
      case 'added':
        return [];
    }
  });
}

const PROTECTIONS: readonly {
  readonly name: string;
  readonly holds: (resource: Maybe) => boolean;
}[] = [
  { name: 'DeletionPolicy Retain', holds: (resource) => resource?.DeletionPolicy === 'Retain' },
  { name: 'UpdateReplacePolicy Retain', holds: (resource) => resource?.UpdateReplacePolicy === 'Retain' },
  { name: 'deletion protection', holds: (resource) => resource?.Properties.DeletionProtectionEnabled === true },
  {
    name: 'point-in-time recovery',
    holds: (resource) => /true/.test(JSON.stringify(resource?.Properties.PointInTimeRecoverySpecification ?? '')),
  },
];

type Maybe = Template['Resources'][string] | undefined;

/** What AWS deletes by itself after some days, which may be for ever. */
const LIVES: Readonly<
  Record<string, { readonly days: (resource: Maybe) => number; readonly said: (days: number) => string }>
> = {
  // 4 days unless it says more. API Reference, SetQueueAttributes: a shorter period deletes what is older at once.
  'AWS::SQS::Queue': {
    days: (resource) => Number(resource?.Properties.MessageRetentionPeriod ?? 345_600) / 86_400,
    said: (days) => `messages that are older than ${days} days are deleted at once`,
  },
  'AWS::Logs::LogGroup': {
    days: (resource) => Number(resource?.Properties.RetentionInDays ?? Infinity),
    said: (days) => `log events that are older than ${days} days are deleted at once`,
  },
};

function shortenedLife(type: string, then: Maybe, now: Maybe): { consequence: string; atOnce: boolean }[] {
  const life = LIVES[type];
  if (life !== undefined) {
    return life.days(now) < life.days(then) ? [{ consequence: life.said(life.days(now)), atOnce: true }] : [];
  }
  const expires = (resource: Maybe) => /true/.test(JSON.stringify(resource?.Properties.TimeToLiveSpecification ?? ''));
  return type === 'AWS::DynamoDB::Table' && expires(now) && !expires(then)
    ? [{ consequence: 'DynamoDB deletes rows by itself from now on, when their time has come', atOnce: false }]
    : [];
}

/** Puts together what differs in its name alone; what is irreversible comes first. */
export function grouped(dangers: readonly Danger[]): Danger[] {
  const groups = new Map<string, { danger: Danger; names: string[] }>();
  for (const danger of dangers) {
    const key = [danger.irreversible ? 0 : 1, danger.what, danger.type, danger.where, danger.consequence].join('\n');
    const group = groups.get(key) ?? { danger, names: [] };
    group.names.push(...danger.names);
    groups.set(key, group);
  }
  return sortedBy(groups, ([key]) => key).map(([, { danger, names }]) => {
    const [first = '', ...others] = names.sort();
    const each = others.length === 0 ? first : `${first}, and so for each`;
    return { ...danger, names, consequence: danger.consequence.replace(EACH, each) };
  });
}
