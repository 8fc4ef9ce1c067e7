import type { Action } from '@aws-sdk/client-iot';
import { NotImplementedError } from '../../errors.ts';
import { invalidRequest } from '../names.ts';
import type { Templates } from './action-members.ts';
import { ACTIONS } from './actions.ts';
import type { RuleAction } from './rule-action.ts';

/** Reads an action as it came in. Throws InvalidRequest, SqlParse, or NotImplemented with the name of an unknown action. */
export function compileAction(action: Action, template: Templates): RuleAction {
  const given = Object.entries(action).filter(([, value]) => value !== undefined);
  const [[name, shape] = [], another] = given;
  if (name === undefined || another !== undefined) throw invalidRequest('an action names exactly one kind of action');
  const read = Object.hasOwn(ACTIONS, name) ? ACTIONS[name as keyof Action] : undefined;
  if (!read) throw new NotImplementedError(`the rule action ${name}`);
  const required = (member: string): string => {
    const value = (shape as Readonly<Record<string, unknown>>)[member];
    if (typeof value !== 'string' || value === '') throw invalidRequest(`the ${name} action has no ${member}`);
    return value;
  };
  return {
    name: `${name.charAt(0).toUpperCase()}${name.slice(1)}Action`,
    // A function has no role that lets AWS IoT in: its own policy does (DG, lambda-rule-action).
    roleArn: name === 'lambda' ? undefined : required('roleArn'),
    ...read(shape as never, required, template),
  };
}
