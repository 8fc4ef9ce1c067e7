import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../../policy/document.ts';
import { decide } from '../../src/policy/decide.ts';

const policy = (...statements: object[]) => ({
  name: 'p',
  document: parsePolicy(JSON.stringify({ Version: '2012-10-17', Statement: statements })),
});
const allow = (Action: string, Resource: string, Condition?: object) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition ? { Condition } : {}),
});
const topic = (name: string) => `arn:aws:iot:us-east-1:000000000000:topic/${name}`;
const ask = (policies: ReturnType<typeof policy>[], action: string, resource: string, conditions = {}) =>
  decide(policies, { action, resource, conditions });

describe('decide', () => {
  it('refuses what no statement allows, naming the policies asked', () => {
    expect(ask([policy(allow('iot:Publish', topic('a')))], 'iot:Publish', topic('b'))).toEqual({
      allowed: false,
      why: 'no statement allows it in p',
    });
  });

  it('names the statement that allowed', () => {
    const named = policy({ Sid: 'Telemetry', ...allow('iot:Publish', topic('a')) });
    expect(ask([named], 'iot:Publish', topic('a')).why).toBe('allowed by p, Telemetry');
  });

  it('lets an explicit deny win wherever it stands', () => {
    const both = policy(allow('*', '*'), { Sid: 'No', Effect: 'Deny', Action: 'iot:Publish', Resource: topic('a') });
    expect(ask([both], 'iot:Publish', topic('a'))).toEqual({ allowed: false, why: 'denied by p, No' });
  });

  it('compares actions without regard to case and resources with', () => {
    expect(ask([policy(allow('IOT:publish', topic('a')))], 'iot:Publish', topic('a')).allowed).toBe(true);
    expect(ask([policy(allow('iot:Publish', topic('A')))], 'iot:Publish', topic('a')).allowed).toBe(false);
  });

  it('lets a wildcard cross slashes but not the first colons of an ARN', () => {
    expect(ask([policy(allow('iot:Publish', topic('a/*')))], 'iot:Publish', topic('a/b/c')).allowed).toBe(true);
    expect(ask([policy(allow('iot:Publish', 'arn:aws:*:topic/a'))], 'iot:Publish', topic('a')).allowed).toBe(false);
  });

  it('takes the value of a variable as it stands: a client id with a wildcard matches itself alone', () => {
    const own = [policy(allow('iot:Publish', topic('${iot:ClientId}/x')))];
    expect(ask(own, 'iot:Publish', topic('*/x'), { 'iot:ClientId': '*' }).allowed).toBe(true);
    expect(ask(own, 'iot:Publish', topic('other/x'), { 'iot:ClientId': '*' }).allowed).toBe(false);
  });

  it('matches nothing when a variable has no value', () => {
    expect(ask([policy(allow('iot:Publish', topic('${iot:ClientId}')))], 'iot:Publish', topic('')).allowed).toBe(false);
  });

  it('asks conditions: a missing key fails Bool, and Null says so', () => {
    const attached = policy(allow('iot:Connect', '*', { Bool: { 'iot:Connection.Thing.IsAttached': 'true' } }));
    expect(ask([attached], 'iot:Connect', topic('a')).allowed).toBe(false);
    const yes = { 'iot:Connection.Thing.IsAttached': 'true' };
    expect(ask([attached], 'iot:Connect', topic('a'), yes).allowed).toBe(true);
    const isMissing = policy(allow('iot:Connect', '*', { Null: { 'iot:Connection.Thing.IsAttached': 'true' } }));
    expect(ask([isMissing], 'iot:Connect', topic('a'), yes).allowed).toBe(false);
  });

  it('never lets one topic prefix reach a topic that does not begin with it', () => {
    const name = fc.stringMatching(/^[a-z0-9-]{1,12}$/);
    fc.assert(
      fc.property(name, name, fc.string(), (mine, other, rest) => {
        const { allowed } = ask(
          [policy(allow('iot:Publish', topic(`rtjm/${mine}/*`)))],
          'iot:Publish',
          topic(`rtjm/${other}/${rest}`),
        );
        expect(allowed).toBe(mine === other);
      }),
    );
  });
});
