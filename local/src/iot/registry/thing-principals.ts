import type * as sdk from '@aws-sdk/client-iot';
import type { ConditionContext } from '../../../../policy/conditions.ts';
import type { Readings } from '../../readings.ts';
import type { Operations } from '../../service.ts';
import { certificateIdIn, checkName, invalidRequest, iotArn } from '../names.ts';
import type { Page } from '../../paging.ts';
import { page } from '../paging.ts';
import { type Registry, type ThingAttachment, attachmentKey } from './registry.ts';

interface ListRequest {
  readonly maxResults?: number;
  readonly nextToken?: string;
  readonly thingPrincipalType?: sdk.ThingPrincipalType;
}

/** Which certificate belongs to which thing, exclusively or not (DG, attach-thing-principal and exclusive-thing). */
export function thingPrincipalOperations(registry: Registry, readings: Readings): Operations<typeof sdk> {
  const { account } = registry;
  const thingArn = (name: string | undefined): string => iotArn(account, `thing/${name}`);
  const certificateArn = ({ certificateId }: ThingAttachment): string => iotArn(account, `cert/${certificateId}`);
  const principal = (input: { principal?: string }): string => input.principal ?? '*';
  const thing = (input: { thingName?: string }): string => thingArn(input.thingName);
  const conditions = (input: { thingName?: string }): ConditionContext => ({ 'iot:thingArn': thing(input) });
  const ends = (input: { thingName?: string; principal?: string }): { thingName: string; certificateId: string } => ({
    thingName: registry.thing(checkName('thingName', input.thingName)).name,
    certificateId: registry.certificate(certificateIdIn(account, input.principal)).id,
  });
  const inV1 = () => (readings['v1-lists'] === 'shown' ? {} : ({ thingPrincipalType: 'NON_EXCLUSIVE_THING' } as const));
  const shown = ({ detached }: ThingAttachment): boolean => !detached || readings['detaching-thing'] === 'listed';
  const ofThing = (input: ListRequest & { thingName?: string }): Page<ThingAttachment> => {
    const { name } = registry.thing(checkName('thingName', input.thingName));
    return listed(registry.thingAttachmentsOf({ thingName: name }).filter(shown), input);
  };
  const ofPrincipal = (input: ListRequest & { principal?: string }): Page<ThingAttachment> => {
    const { id } = registry.certificate(certificateIdIn(account, input.principal));
    return listed(registry.thingAttachmentsOf({ certificateId: id }).filter(shown), input);
  };
  return {
    AttachThingPrincipal: {
      resource: principal,
      conditions,
      handle: (input) => {
        const attachment = { ...ends(input), exclusive: input.thingPrincipalType === 'EXCLUSIVE_THING' };
        const others = registry.thingAttachmentsOf({ certificateId: attachment.certificateId });
        const known = others.find(({ thingName }) => thingName === attachment.thingName);
        if (known?.exclusive === attachment.exclusive && !known.detached) return;
        // What AWS does with the other type is not documented. To make an exclusive attachment common unasked would be unsafe.
        if (known && known.exclusive !== attachment.exclusive)
          throw invalidRequest(`${input.principal} is attached to ${known.thingName} as ${typeOf(known)} already`);
        const hindering = others.find((other) => other !== known && (other.exclusive || attachment.exclusive));
        if (hindering)
          throw invalidRequest(
            `${input.principal} cannot be attached as ${typeOf(attachment)}: ` +
              `it is attached to ${hindering.thingName} as ${typeOf(hindering)}`,
          );
        registry.attachThing(attachment);
      },
    },
    DetachThingPrincipal: {
      resource: principal,
      conditions,
      handle: (input) => {
        const { thingName, certificateId } = ends(input);
        registry.detachThing(thingName, certificateId);
      },
    },
    ListThingPrincipals: {
      resource: thing,
      handle: (input) => {
        const { items, next } = ofThing({ ...input, ...inV1() });
        return { principals: items.map(certificateArn), nextToken: next };
      },
    },
    ListThingPrincipalsV2: {
      resource: thing,
      handle: (input) => {
        const { items, next } = ofThing(input);
        return {
          thingPrincipalObjects: items.map((item) => ({
            principal: certificateArn(item),
            thingPrincipalType: typeOf(item),
          })),
          nextToken: next,
        };
      },
    },
    ListPrincipalThings: {
      resource: principal,
      handle: (input) => {
        const { items, next } = ofPrincipal({ ...input, ...inV1() });
        return { things: items.map(({ thingName }) => thingName), nextToken: next };
      },
    },
    ListPrincipalThingsV2: {
      resource: principal,
      handle: (input) => {
        const { items, next } = ofPrincipal(input);
        return {
          principalThingObjects: items.map((item) => ({
            thingName: item.thingName,
            thingPrincipalType: typeOf(item),
          })),
          nextToken: next,
        };
      },
    },
  };
}

const typeOf = ({ exclusive }: ThingAttachment): sdk.ThingPrincipalType =>
  exclusive ? 'EXCLUSIVE_THING' : 'NON_EXCLUSIVE_THING';

const listed = (
  attachments: readonly ThingAttachment[],
  { thingPrincipalType, maxResults: size, nextToken: token }: ListRequest,
): Page<ThingAttachment> =>
  page(
    attachments.filter((attachment) => (thingPrincipalType ?? typeOf(attachment)) === typeOf(attachment)),
    ({ thingName, certificateId }) => attachmentKey(thingName, certificateId),
    { size, token },
  );
