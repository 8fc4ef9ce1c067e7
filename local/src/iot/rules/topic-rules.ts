import type * as sdk from '@aws-sdk/client-iot';
import { AwsError, refuseMembers } from '../../errors.ts';
import type { Call, Operations } from '../../service.ts';
import { IOT_PRINCIPAL, alreadyExists, checkName, invalidRequest, iotArn } from '../names.ts';
import { page } from '../paging.ts';
import { toTags } from '../registry/tags.ts';
import type { Registry } from '../registry/registry.ts';
import { DEFAULT_SQL_VERSION, parseStatement } from '../sql/index.ts';
import type { RuleStore, TopicRule } from './rule-store.ts';

export function topicRuleOperations(rules: RuleStore, { account, tags }: Registry): Operations<typeof sdk> {
  const arn = (name: string | undefined): string => iotArn(account, `rule/${name}`);
  const resource = (input: { ruleName?: string }): string => arn(input.ruleName);
  const find = (input: { ruleName?: string }): TopicRule => {
    const name = checkName('ruleName', input.ruleName);
    const rule = rules.get(name);
    // AWS has no ResourceNotFound for rules: GetTopicRule answers so for one that does not exist.
    if (!rule) throw new AwsError('UnauthorizedException', `Access to topic rule '${name}' was denied`, 401);
    return rule;
  };
  return {
    CreateTopicRule: {
      resource,
      handle: (input, call) => {
        const name = checkName('ruleName', input.ruleName);
        const payload = checkPayload(input.topicRulePayload, call);
        const given = toTags(readTagHeader(input.tags));
        if (rules.get(name)) throw alreadyExists(`Rule with name ${name} already exists.`);
        rules.set({ name, created: new Date(), payload });
        if (given.length > 0) tags.set(arn(name), given);
      },
    },
    ReplaceTopicRule: {
      resource,
      handle: (input, call) => {
        const rule = find(input);
        rules.set({ ...rule, payload: checkPayload(input.topicRulePayload, call) });
      },
    },
    GetTopicRule: {
      resource,
      handle: (input) => {
        const { name, created, payload } = find(input);
        return { ruleArn: arn(name), rule: { ruleName: name, createdAt: created, ruleDisabled: false, ...payload } };
      },
    },
    ListTopicRules: {
      resource: () => '*',
      handle: (input) => {
        refuseMembers('ListTopicRules', input, ['topic']);
        const { ruleDisabled, maxResults: size, nextToken: token } = input;
        const wanted = rules
          .values()
          .filter(({ payload }) => ruleDisabled === undefined || ruleDisabled === (payload.ruleDisabled ?? false));
        const { items, next } = page(wanted, ({ name }) => name, { size, token });
        return {
          rules: items.map(({ name, created, payload }) => ({
            ruleArn: arn(name),
            ruleName: name,
            topicPattern: parseStatement(payload.sql ?? '').topicFilter,
            createdAt: created,
            ruleDisabled: payload.ruleDisabled ?? false,
          })),
          nextToken: next,
        };
      },
    },
    DeleteTopicRule: {
      resource,
      handle: (input) => {
        const { name } = find(input);
        rules.delete(name);
        tags.delete(arn(name));
      },
    },
  };
}

/** Whoever makes a rule passes the roles of its actions to AWS IoT, and needs iam:PassRole on them (DG, pass-role). */
function checkPayload(payload: sdk.TopicRulePayload | undefined, call: Call): sdk.TopicRulePayload {
  if (!payload) throw invalidRequest('topicRulePayload is missing');
  const actions = [...(payload.actions ?? []), ...(payload.errorAction ? [payload.errorAction] : [])];
  for (const shape of actions.flatMap((action) => Object.values(action) as { roleArn?: string }[])) {
    const { roleArn } = shape;
    if (roleArn !== undefined) call.authorize('iam:PassRole', roleArn, { 'iam:PassedToService': IOT_PRINCIPAL });
  }
  return { ...payload, awsIotSqlVersion: payload.awsIotSqlVersion ?? DEFAULT_SQL_VERSION };
}

/** Tags of CreateTopicRule come in a header, `key1=value1&key2=value2`. */
const readTagHeader = (tags: string | undefined): { Key: string; Value: string }[] =>
  [...new URLSearchParams(tags)].map(([Key, Value]) => ({ Key, Value }));
