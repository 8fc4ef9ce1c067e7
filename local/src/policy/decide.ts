import type { NamedPolicy } from '../../../policy/document.ts';
import { evaluate, type Request, type ResourcePolicy, type Source } from '../../../policy/evaluate.ts';

/** The answer and the statement that decided it, in words for a log line. */
export interface Decision {
  readonly allowed: boolean;
  readonly why: string;
}

/** Whether policies allow a request of which everything is known. */
export function decide(policies: readonly NamedPolicy[], request: Request, resource?: ResourcePolicy): Decision {
  const verdict = evaluate(policies, request, resource);
  if (verdict.outcome === 'allowed') return { allowed: true, why: `allowed by ${inWords(verdict)}` };
  if ('statement' in verdict) return { allowed: false, why: `denied by ${inWords(verdict)}` };
  const names = [...policies, ...(resource ? [resource.policy] : [])].map(({ name }) => name).join(', ');
  return { allowed: false, why: names === '' ? 'no policy is attached' : `no statement allows it in ${names}` };
}

const inWords = ({ policy, statement: { label } }: Source): string =>
  `${policy}, ${/^\d+$/.test(label) ? `statement ${label}` : label}`;
