import {
  CloudFormationValidatePlugin,
  type IPolicyValidationContext,
  type PolicyValidationPluginReport,
  type PolicyValidationStack,
  type PolicyViolation,
  type PolicyViolatingResource,
} from 'aws-cdk-lib';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { keep, KEPT, kept } from '../kept.ts';

const { version: cdkVersion } = createRequire(import.meta.url)('aws-cdk-lib/package.json') as { version: string };

/**
 * AWS's own validation of templates, which CDK does in every app. What it found is kept, by the template: to start its engine
 * takes longer than all else of a synthesis, and most templates are those of the time before.
 */
export class KeptValidation extends CloudFormationValidatePlugin {
  readonly #folder: string;

  /** @param folder where it is kept */
  constructor(folder: string = join(KEPT, 'validation')) {
    super();
    this.#folder = folder;
  }

  override validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    const stacks = context.stackTemplates.map((stack) => {
      const file = join(this.#folder, `${this.#keyOf(stack)}.json`);
      return { stack, file, known: kept<readonly PolicyViolation[]>(file) };
    });
    const unknown = stacks.filter(({ known }) => known === undefined);
    const stackTemplates = unknown.map(({ stack }) => stack);
    const found = unknown.length === 0 ? [] : super.validate({ ...context, stackTemplates }).violations;
    for (const { stack, file } of unknown)
      keep(
        file,
        changed(found, (resource) => withoutPath(resource, stack)),
      );
    const again = stacks.flatMap(({ stack: { templatePath }, known = [] }) =>
      changed(known, (resource) => [{ ...resource, templatePath }]),
    );
    const violations = [...found, ...again];
    return { success: violations.every(({ severity }) => severity !== 'error'), violations };
  }

  /** Of all that decides what is found. */
  #keyOf({ stackConstructPath, templatePath, accountId, region }: PolicyValidationStack): string {
    const decisive = [
      cdkVersion,
      this.version,
      stackConstructPath,
      accountId,
      region,
      readFileSync(templatePath, 'utf8'),
    ];
    return createHash('sha256').update(JSON.stringify(decisive)).digest('hex');
  }
}

/** The resources of a stack, without where its template is this time. */
const withoutPath = ({ templatePath, ...resource }: PolicyViolatingResource, stack: PolicyValidationStack) =>
  templatePath === stack.templatePath ? [resource] : [];

/** Without what is then about no resource. */
function changed(
  violations: readonly PolicyViolation[],
  change: (resource: PolicyViolatingResource) => readonly PolicyViolatingResource[],
): PolicyViolation[] {
  return violations
    .map((violation) => ({ ...violation, violatingResources: violation.violatingResources.flatMap(change) }))
    .filter(({ violatingResources }) => violatingResources.length > 0);
}
