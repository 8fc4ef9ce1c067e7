import type { Rule } from './rule.ts';
import { member, resourcesOfType, type TemplateResource } from './stack-template.ts';

/** What keeps a table, each with what happens without it. */
const GUARDS: readonly { location: string; without: string; stands: (table: TemplateResource) => boolean }[] = [
  {
    location: 'DeletionPolicy',
    without: 'goes with all its rows when the stack or the resource is deleted',
    stands: ({ DeletionPolicy }) => DeletionPolicy === 'Retain',
  },
  {
    location: 'UpdateReplacePolicy',
    without: 'goes with all its rows when a change replaces it, such as a new key',
    stands: ({ UpdateReplacePolicy }) => UpdateReplacePolicy === 'Retain',
  },
  {
    location: 'Properties.DeletionProtectionEnabled',
    without: 'can be deleted by one wrong call',
    stands: ({ Properties }) => Properties?.DeletionProtectionEnabled === true,
  },
  {
    location: 'Properties.PointInTimeRecoverySpecification',
    without: 'cannot be brought back to a time before a mistake',
    stands: ({ Properties }) =>
      member(Properties?.PointInTimeRecoverySpecification, 'PointInTimeRecoveryEnabled') === true,
  },
];

/** For a fleet whose setting `removal` is `retain`: what devices sent cannot be sent again. */
export const tableLoss: Rule = {
  id: 'table-loss',
  fix:
    'Keep all four guards of lib/telemetry/time-series-table.ts, or say {"removal":"destroy"} in cdk.json for a fleet ' +
    'whose rows may be lost.',

  *check(template) {
    for (const [logicalId, table] of resourcesOfType(template, 'AWS::DynamoDB::Table')) {
      for (const { location, without, stands } of GUARDS) {
        if (!stands(table)) yield { logicalId, location, problem: `Without ${location} the table ${without}.` };
      }
    }
  },
};
