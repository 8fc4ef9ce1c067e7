import { type Scope, holds } from './intrinsics.ts';
import { type Template, validationError } from './template.ts';

/** Checks the parameters of a stack against the template's Rules. Throws ValidationError with the rule's own words. */
export function checkRules(template: Template, scope: Scope): void {
  for (const [name, { condition, assertions }] of Object.entries(template.rules)) {
    if (condition !== undefined && !holds(condition, scope)) continue;
    for (const { assert, description } of assertions)
      if (!holds(assert, scope)) throw validationError(`Rule ${name} does not hold: ${description}`);
  }
}
