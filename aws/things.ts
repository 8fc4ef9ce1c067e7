import {
  CreateThingCommand,
  DeleteThingCommand,
  InvalidRequestException,
  paginateListThings,
  ResourceNotFoundException,
} from '@aws-sdk/client-iot';
import { iot } from './clients.ts';
import { waitUntil } from './wait.ts';

/** The names of all things of the account. */
export async function listThings(): Promise<string[]> {
  const names: string[] = [];
  for await (const { things = [] } of paginateListThings({ client: iot, pageSize: 250 }, {}))
    names.push(...things.map(({ thingName = '' }) => thingName));
  return names;
}

/** Makes a thing as the deployment does: with nothing but its name. One that is there already stays. */
export async function createThing(thingName: string): Promise<void> {
  await iot.send(new CreateThingCommand({ thingName }));
}

/**
 * Deletes a thing that nothing is attached to. What is gone already counts as deleted.
 *
 * @param deadline in milliseconds since 1970
 * @throws {Error} when AWS IoT still sees something attached to it then
 */
export async function deleteThing(thingName: string, deadline: number): Promise<void> {
  await waitUntil(`the thing ${thingName} is deleted, nothing being attached to it`, deadline, async () => {
    try {
      await iot.send(new DeleteThingCommand({ thingName }));
      return true;
    } catch (error) {
      if (error instanceof InvalidRequestException) return false; // something is attached, as AWS IoT still sees it
      if (error instanceof ResourceNotFoundException) return true;
      throw error;
    }
  });
}
