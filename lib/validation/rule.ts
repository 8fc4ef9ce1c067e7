import type { StackTemplate } from './stack-template.ts';

/** What one rule has to say about one resource. */
export interface Finding {
  /** Of the resource, output or parameter. */
  readonly logicalId: string;
  /** Where in the resource, such as `Properties.PolicyDocument`. */
  readonly location: string;
  /** What is wrong and why that matters, for the person who changed it: one or two sentences. */
  readonly problem: string;
}

/** A rule about what a template must not hold. */
export interface Rule {
  /** By which a finding is acknowledged, as `esp-fleet::<id>`. */
  readonly id: string;
  /** What to do about a finding. */
  readonly fix: string;
  check(template: StackTemplate): Iterable<Finding>;
}
