import {
  CreateThingCommand,
  DeleteThingCommand,
  InvalidRequestException,
  paginateListThingPrincipals,
  paginateListThings,
} from '@aws-sdk/client-iot';
import { iot } from './clients.ts';
import { listed } from './gone.ts';
import { isLetGo } from './policies.ts';
import { waitUntil } from './wait.ts';

/** The names of all things of the account. */
export async function listThings(): Promise<string[]> {
  const things = await listed(paginateListThings({ client: iot, pageSize: 250 }, {}), (page) => page.things);
  return things.map(({ thingName = '' }) => thingName);
}

/** The ARNs of what a thing has attached. */
export async function principalsOf(thingName: string): Promise<string[]> {
  return listed(paginateListThingPrincipals({ client: iot }, { thingName }), ({ principals }) => principals);
}

/**
 * Makes a thing as the deployment does. One that is there already stays.
 *
 * @param attributes @default none
 */
export async function createThing(thingName: string, attributes?: Readonly<Record<string, string>>): Promise<void> {
  await iot.send(new CreateThingCommand({ thingName, ...(attributes && { attributePayload: { attributes } }) }));
}

/**
 * Deletes a thing that nothing is attached to. What is gone already counts as deleted.
 *
 * @param deadline in milliseconds since 1970
 * @throws {Error} when AWS IoT still sees something attached to it then
 */
export async function deleteThing(thingName: string, deadline: number): Promise<void> {
  const deletion = () => iot.send(new DeleteThingCommand({ thingName }));
  const what = `the thing ${thingName} is deleted, nothing being attached to it`;
  await waitUntil(what, deadline, () => isLetGo(deletion, InvalidRequestException));
}
