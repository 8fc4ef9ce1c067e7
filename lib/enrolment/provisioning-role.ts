import { PolicyDocument, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledgeWildcards } from '../acknowledge-wildcards.ts';
import type { FleetNames } from '../fleet/names.ts';
import { arnsOf } from '../permission.ts';
import { rulePrincipal } from '../telemetry/rule-principal.ts';

export interface ProvisioningRoleProps {
  readonly names: FleetNames;
}

/**
 * What AWS IoT may do when it runs the template. AWS gives such a role its managed policy AWSIoTThingsRegistration, for every
 * resource; this one has of it what a template can need that names a thing, a policy and a certificate that exist, for those of
 * the fleet. Which of them AWS IoT calls, no page says.
 */
export class ProvisioningRole extends Role {
  constructor(scope: Construct, id: string, { names }: ProvisioningRoleProps) {
    const arn = arnsOf(scope);
    const allow = (sid: string, actions: readonly string[], ...resources: string[]) =>
      new PolicyStatement({ sid, actions: actions.map((action) => `iot:${action}`), resources });
    const certificates = arn('iot', 'cert');
    const things = arn('iot', 'thing', names.thing('*'));
    const policies = arn('iot', 'policy', names.policy('*'));
    super(scope, id, {
      assumedBy: rulePrincipal(),
      inlinePolicies: {
        Provisioning: new PolicyDocument({
          statements: [
            // They know no resource.
            allow('RunTemplate', ['RegisterThing', 'ListAttachedPolicies', 'ListPrincipalPolicies'], '*'),
            allow(
              'AttachCertificates',
              [
                ...['DescribeCertificate', 'UpdateCertificate', 'ListPrincipalThings'],
                ...['AttachPolicy', 'AttachPrincipalPolicy', 'AttachThingPrincipal'],
              ],
              certificates,
            ),
            allow('FindThings', ['DescribeThing', 'CreateThing', 'UpdateThing', 'ListThingPrincipals'], things),
            allow('FindPolicies', ['GetPolicy', 'ListTargetsForPolicy', 'ListPolicyPrincipals'], policies),
          ],
        }),
      },
    });
    acknowledgeWildcards(this, {
      '*': 'RegisterThing and the lists of what a certificate has know no resource.',
      'iot:cert/*': 'AWS gives a certificate its id when a board asks; nobody knows it before.',
      [`iot:thing/${names.thing('*')}`]: 'The things of the fleet, one of which the hook names.',
      [`iot:policy/${names.policy('*')}`]: 'The policies of the fleet, one of which the hook names.',
    });
  }
}
