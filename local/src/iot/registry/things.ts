import type * as sdk from '@aws-sdk/client-iot';
import { randomUUID } from 'node:crypto';
import { AwsError, refuseMembers } from '../../errors.ts';
import type { Operations } from '../../service.ts';
import { alreadyExists, checkName, invalidRequest, iotArn } from '../names.ts';
import { page } from '../paging.ts';
import type { Registry, Thing } from './registry.ts';

/** Attributes of a thing without a thing type, and their form (API Reference, AttributePayload). */
const MAX_ATTRIBUTES = 3;
const ATTRIBUTE_NAME = /^[a-zA-Z0-9_.,@/:#-]{1,128}$/;
const ATTRIBUTE_VALUE = /^[a-zA-Z0-9_.,@/:#=[\]-]{0,800}$/;

export function thingOperations(registry: Registry): Operations<typeof sdk> {
  const { things, account } = registry;
  const arn = (name: string | undefined): string => iotArn(account, `thing/${name}`);
  const resource = (input: { thingName?: string }): string => arn(input.thingName);
  const checkVersion = (thing: Thing, expected: number | undefined): void => {
    if (expected !== undefined && expected !== thing.version)
      throw new AwsError(
        'VersionConflictException',
        `Thing ${thing.name} has version ${thing.version}, not ${expected}.`,
        409,
      );
  };
  return {
    CreateThing: {
      resource,
      handle: (input) => {
        refuseMembers('CreateThing', input, ['thingTypeName', 'billingGroupName']);
        const name = checkName('thingName', input.thingName);
        const attributes = changedAttributes({}, input.attributePayload);
        const known = things.get(name);
        // The same call again succeeds (API Reference, CreateThing).
        if (known && JSON.stringify(sorted(known.attributes)) !== JSON.stringify(sorted(attributes)))
          throw alreadyExists(`Thing ${name} already exists in account with different attributes`);
        const thing = known ?? { name, id: randomUUID(), attributes, version: 1 };
        if (!known) things.set(name, thing);
        return { thingName: name, thingArn: arn(name), thingId: thing.id };
      },
    },
    UpdateThing: {
      resource,
      handle: (input) => {
        refuseMembers('UpdateThing', input, ['thingTypeName', 'removeThingType']);
        const thing = registry.thing(checkName('thingName', input.thingName));
        checkVersion(thing, input.expectedVersion);
        registry.changeThing(thing, changedAttributes(thing.attributes, input.attributePayload));
      },
    },
    DescribeThing: {
      resource,
      handle: (input) => {
        const { name, id, attributes, version } = registry.describedThing(checkName('thingName', input.thingName));
        return { defaultClientId: name, thingName: name, thingId: id, thingArn: arn(name), attributes, version };
      },
    },
    ListThings: {
      resource: () => '*',
      handle: (input) => {
        refuseMembers('ListThings', input, ['thingTypeName', 'usePrefixAttributeValue']);
        const { attributeName, attributeValue, maxResults: size, nextToken: token } = input;
        const wanted = [...things.values()].filter(
          ({ attributes }) => attributeName === undefined || attributes[attributeName] === attributeValue,
        );
        const { items, next } = page(wanted, ({ name }) => name, { size, token });
        return {
          things: items.map(({ name, attributes, version }) => ({
            thingName: name,
            thingArn: arn(name),
            attributes,
            version,
          })),
          nextToken: next,
        };
      },
    },
    DeleteThing: {
      resource,
      handle: (input) => {
        const thing = things.get(checkName('thingName', input.thingName));
        // A thing that does not exist counts as deleted (API Reference, DeleteThing).
        if (!thing) return;
        checkVersion(thing, input.expectedVersion);
        if (registry.thingAttachmentsOf({ thingName: thing.name }).length > 0)
          throw invalidRequest(`Cannot delete. Thing ${thing.name} is still attached to one or more principals`);
        things.delete(thing.name);
      },
    },
  };
}

const sorted = (attributes: Record<string, string>): [string, string][] =>
  Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));

/** With `merge` the given attributes are added and an empty value takes one away; else they replace all. */
function changedAttributes(
  now: Record<string, string>,
  payload: sdk.AttributePayload | undefined,
): Record<string, string> {
  if (!payload) return now;
  const given = Object.entries(payload.attributes ?? {});
  for (const [name, value] of given) {
    if (!ATTRIBUTE_NAME.test(name) || !ATTRIBUTE_VALUE.test(value))
      throw invalidRequest(
        `attribute ${JSON.stringify(name)} is not of the form ${ATTRIBUTE_NAME.source}=${ATTRIBUTE_VALUE.source}`,
      );
  }
  const all = [...(payload.merge ? Object.entries(now) : []), ...given];
  const attributes = Object.fromEntries([...new Map(all)].filter(([, value]) => value !== ''));
  if (Object.keys(attributes).length > MAX_ATTRIBUTES)
    throw invalidRequest(`a thing without a thing type has at most ${MAX_ATTRIBUTES} attributes`);
  return attributes;
}
