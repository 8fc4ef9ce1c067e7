import type { IPolicyValidationContext, IPolicyValidationPlugin, PolicyValidationPluginReport } from 'aws-cdk-lib';
import { FLEET_ID_PARAMETER, FleetNames } from '../fleet/names.ts';
import type { FleetSettings } from '../fleet/schema.ts';
import { functionRole } from './function-role.ts';
import { iotPolicyReach } from './iot-policy-reach.ts';
import type { Rule } from './rule.ts';
import { secretInTemplate } from './secret-in-template.ts';
import { readStackTemplate } from './stack-template.ts';
import { tableLoss } from './table-loss.ts';
import { topicRuleErrorAction } from './topic-rule-error-action.ts';
import { topicRuleName } from './topic-rule-name.ts';
import { topicRuleSqlVersion } from './topic-rule-sql-version.ts';

/**
 * The rules of this repository, as a plugin of CDK's validation: they read the templates as they will be deployed, so
 * that an override counts as well. A finding stops the synthesis, unless it is acknowledged beside its resource, with
 * the reason: `Validations.of(construct).acknowledge({ id: 'esp-fleet::<rule>', reason })`.
 */
export class FleetChecks implements IPolicyValidationPlugin {
  readonly name = 'esp-fleet';
  readonly ruleIds: string[];
  readonly #rules: readonly Rule[];

  constructor(settings: FleetSettings) {
    this.#rules = [
      iotPolicyReach(new FleetNames(settings)),
      topicRuleErrorAction,
      topicRuleSqlVersion,
      topicRuleName,
      secretInTemplate,
      functionRole,
      ...(settings.removal === 'retain' ? [tableLoss] : []),
    ];
    this.ruleIds = this.#rules.map(({ id }) => id);
  }

  validate({ templatePaths }: IPolicyValidationContext): PolicyValidationPluginReport {
    const violations = templatePaths.flatMap((templatePath) => {
      const template = readStackTemplate(templatePath);
      // What code of yours calls is yours to know: only that of this repository is bundled so that it can be read.
      const isOurs = template.Parameters?.[FLEET_ID_PARAMETER] !== undefined;
      const rules = isOurs ? this.#rules : this.#rules.filter((rule) => rule !== functionRole);
      return rules.flatMap((rule) =>
        Array.from(rule.check(template), ({ logicalId, location, problem }) => ({
          ruleName: rule.id,
          description: problem,
          fix: rule.fix,
          severity: 'error',
          violatingResources: [{ resourceLogicalId: logicalId, templatePath, locations: [location] }],
        })),
      );
    });
    return { success: violations.length === 0, violations };
  }
}
