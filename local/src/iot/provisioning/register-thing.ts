import type {
  CertificateDescription,
  DescribeCertificateResponse,
  DescribeThingResponse,
  RegisterThingRequest,
  RegisterThingResponse,
} from '@aws-sdk/client-iot';
import { ifThere } from '../../cloudformation/resources/provider.ts';
import { AwsError, NotImplementedError } from '../../errors.ts';
import { type Account, type AnyOperation, operation } from '../../service.ts';
import { iotArn } from '../names.ts';
import { type CertificatePlan, type PolicyPlan, type ThingPlan, evaluateTemplate } from './evaluate-template.ts';
import { parseTemplateBody } from './template-body.ts';

const GONE = 'ResourceNotFoundException';

type Invoke = <O>(operation: string, input: object) => Promise<O>;

const conflict = (message: string): AwsError => new AwsError('ResourceConflictsException', message, 409);

/**
 * Runs a template as the caller, who needs the permissions of all that it does. What is done stays when a later step fails;
 * whether AWS undoes it is not documented, nor is the order. Here the certificate becomes ACTIVE last.
 */
export function registerThingOperation(account: Account): AnyOperation {
  return operation<RegisterThingRequest, RegisterThingResponse>({
    takes: ['templateBody', 'parameters'],
    resource: () => '*',
    handle: async ({ templateBody, parameters = {} }, call) => {
      const { thing, certificate, policies } = evaluateTemplate(parseTemplateBody(templateBody), parameters);
      const invoke: Invoke = (name, input) => call.invoke('iot', name, input);
      const described =
        certificate &&
        (await invoke<DescribeCertificateResponse>('DescribeCertificate', { certificateId: certificate.id }));
      const { certificateDescription: found } = described ?? {};
      if (certificate && found) checkStatus(certificate, found);
      if (thing) await makeThing(thing, invoke);
      for (const policy of policies) await makePolicy(policy, invoke);
      if (certificate && found) {
        const target = found.certificateArn;
        for (const { name } of policies) await invoke('AttachPolicy', { policyName: name, target });
        if (thing) {
          const attachment = {
            thingName: thing.name,
            principal: target,
            thingPrincipalType: certificate.principalType,
          };
          await invoke('AttachThingPrincipal', attachment);
        }
        if (changesStatus(certificate, found))
          await invoke('UpdateCertificate', { certificateId: certificate.id, newStatus: certificate.status });
      }
      return {
        certificatePem: found?.certificatePem,
        resourceArns: Object.fromEntries([
          ...(thing ? [[thing.logicalId, iotArn(account, `thing/${thing.name}`)]] : []),
          ...(certificate ? [[certificate.logicalId, iotArn(account, `cert/${certificate.id}`)]] : []),
          ...policies.map(({ logicalId, name }) => [logicalId, iotArn(account, `policy/${name}`)]),
        ]) as Record<string, string>,
      };
    },
  });
}

/** A new certificate gets its status in any case: it was made to be provisioned (DG, fleet-provision-api). */
const isNew = ({ status }: CertificateDescription): boolean => status === 'PENDING_ACTIVATION';

function checkStatus({ overrides, id }: CertificatePlan, found: CertificateDescription): void {
  if (overrides.Status === 'FAIL' && !isNew(found)) throw conflict(`The certificate ${id} is ${found.status} already.`);
}

const changesStatus = ({ overrides, status }: CertificatePlan, found: CertificateDescription): boolean =>
  found.status !== status && (isNew(found) || overrides.Status !== 'DO_NOTHING');

async function makeThing({ name, attributes, overrides }: ThingPlan, invoke: Invoke): Promise<void> {
  const found = await ifThere(invoke<DescribeThingResponse>('DescribeThing', { thingName: name }), GONE);
  if (!found) return invoke('CreateThing', { thingName: name, attributePayload: { attributes } });
  const override = overrides.AttributePayload;
  if (override === 'FAIL') throw conflict(`The thing ${name} exists already.`);
  if (attributes === undefined || override === 'DO_NOTHING' || contains(found.attributes ?? {}, attributes, override))
    return;
  if (override === undefined)
    throw new NotImplementedError('AttributePayload without OverrideSettings for a thing that has other attributes');
  await invoke('UpdateThing', { thingName: name, attributePayload: { attributes, merge: override === 'MERGE' } });
}

function contains(
  now: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
  override: string | undefined,
): boolean {
  const isWithin = Object.entries(wanted).every(([name, value]) => now[name] === value);
  return isWithin && (override === 'MERGE' || Object.keys(now).length === Object.keys(wanted).length);
}

/** What the template names has to be there; AttachPolicy says so when it is not. */
async function makePolicy({ name, document }: PolicyPlan, invoke: Invoke): Promise<void> {
  if (document === undefined || (await ifThere(invoke('GetPolicy', { policyName: name }), GONE)) !== undefined) return;
  await invoke('CreatePolicy', { policyName: name, policyDocument: document });
}
