import { App, Stack } from 'aws-cdk-lib';
import { CfnPolicy } from 'aws-cdk-lib/aws-iot';
import fc from 'fast-check';
import { DevicePolicy } from '../../lib/device/device-policy.ts';
import { NAME_PATTERN } from '../../lib/fleet/names.ts';
import { parsePolicy } from '../../policy/document.ts';
import { evaluate } from '../../policy/evaluate.ts';
import type { Progress } from '../progress.ts';
import { NAMES, NEIGHBOUR } from '../proved-fleet.ts';
import { attacksOn, type Ingest, INGESTS, rightsOf } from './actions.ts';

const PAIRS = 2_000;
const ENVIRONMENT = { account: '123456789012', region: 'eu-central-1' };

const name = fc.stringMatching(NAME_PATTERN);

/** Two names, often as near to each other as two names can be. */
const pair = fc
  .oneof(
    fc.tuple(name, name),
    fc.tuple(name, fc.constantFrom('-', 'a', '0', '-a')).map(([one, more]) => [one, one + more] as const),
    fc.tuple(name, fc.constantFrom('-', 'a', '0', 'a-')).map(([one, more]) => [one, more + one] as const),
    name.map((one) => [one, one.slice(0, -1)] as const),
    name.map((one) => [one, one.slice(1)] as const),
  )
  .filter(([one, other]) => one !== other && [one, other].every((each) => NAME_PATTERN.test(each)));

/** The policies that CDK makes of generated names, as the local cloud evaluates them: none reaches the other's. */
export function attackWithGeneratedNames(progress: Progress): void {
  const pairs = fc.sample(pair, PAIRS);
  progress.expect(INGESTS.length * 2 * pairs.length);
  for (const ingest of INGESTS) {
    for (const [one, other] of pairs) {
      progress.case(`generated, ${ingest}: ${one} against ${other}`, problemBetween(one, other, ingest));
      progress.case(`generated, ${ingest}: ${other} against ${one}`, problemBetween(other, one, ingest));
    }
  }
}

function problemBetween(device: string, other: string, ingest: Ingest): string | undefined {
  const policies = [{ name: device, document: parsePolicy(synthesizedPolicy(device, ingest)) }];
  const isAllowed = ({ action, resource }: { action: string; resource: string }) =>
    evaluate(policies, {
      action,
      resource: `arn:aws:iot:${ENVIRONMENT.region}:${ENVIRONMENT.account}:${resource}`,
      conditions: { 'iot:ClientId': NAMES.thing(device), 'iot:Connection.Thing.IsAttached': 'true' },
    }).outcome === 'allowed';
  const ofNeighbour = NEIGHBOUR === undefined ? [] : [device, other].flatMap((one) => attacksOn(one, NEIGHBOUR));
  const reached = [...attacksOn(other), ...ofNeighbour].find(isAllowed);
  if (reached !== undefined) return `may ${reached.words}`;
  const lost = rightsOf(device, ingest).find((right) => !isAllowed(right));
  return lost && `may not ${lost.words}`;
}

function synthesizedPolicy(device: string, ingest: Ingest): string {
  const stack = new Stack(new App(), 'Stack', { env: ENVIRONMENT });
  const policy = new DevicePolicy(stack, 'Policy', { names: NAMES, device, ingest }).node.defaultChild as CfnPolicy;
  return JSON.stringify(stack.resolve(policy.policyDocument), (_, value: unknown) => substituted(value));
}

/** The only function in it puts the partition, region and account into a text. */
function substituted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('Fn::Sub' in value)) return value;
  const known: Readonly<Record<string, string>> = {
    Partition: 'aws',
    Region: ENVIRONMENT.region,
    AccountId: ENVIRONMENT.account,
  };
  return String(value['Fn::Sub']).replaceAll(/\$\{AWS::(\w+)\}/g, (all, name: string) => known[name] ?? all);
}
