import { CfnParameter, CfnRule, Fn, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { DEMO_FLEET_ID, FLEET_ID_PARAMETER } from './fleet/names.ts';

export interface FleetStackProps extends StackProps {
  readonly stackName: string;
  /** Of the fleet that the stack belongs to, see fleet-id.ts. */
  readonly fleetId: string;
}

/**
 * A stack of a fleet, which no other fleet can deploy over: somebody else's clone, with other devices or settings, would
 * take this one's devices and their identities away.
 *
 * The id of the fleet is the default of a parameter. When a stack is updated, its parameters keep the values that they have,
 * unless somebody gives others (the CDK CLI's --previous-parameters, which is on by itself). So with another fleet's template the
 * parameter still has this one's id; then the rule does not hold, and CloudFormation refuses before it touches anything
 * (User Guide, "Rules": they validate parameters before a stack is created or updated). What `npm start` has deployed to its
 * local cloud is nobody's.
 */
export class FleetStack extends Stack {
  constructor(scope: Construct, { stackName, fleetId, ...props }: FleetStackProps) {
    super(scope, stackName, props);
    const id = new CfnParameter(this, FLEET_ID_PARAMETER, {
      default: fleetId,
      description: 'The fleet that this stack belongs to',
    });
    new CfnRule(this, 'IsOurs', {
      assertions: [
        {
          assert: Fn.conditionOr(Fn.conditionEquals(id, fleetId), Fn.conditionEquals(id, DEMO_FLEET_ID)),
          assertDescription:
            `${stackName} is the stack of another fleet, and nothing of it has been changed. For a fleet beside that one: ` +
            '"name" in cdk.json, under "fleet". If it is yours, commit the file "id" of the folder from which it was ' +
            `deployed, or take the stack over: npx cdk deploy ${stackName} --parameters ${FLEET_ID_PARAMETER}=${fleetId}`,
        },
      ],
    });
  }
}
