import { fleetFileSchema } from '../../lib/fleet/schema.ts';
import { parseDeviceList } from '../../lib/fleet/device-list.ts';
import { FleetFileError } from '../../lib/fleet/fleet-file-error.ts';
import type { Progress } from '../progress.ts';

/** With a meaning in a topic, a policy or an ARN; or too long. */
const NAMES = [
  ...[
    '*',
    'a*',
    '?',
    'a?',
    '+',
    '#',
    'a/b',
    'a/#',
    '/',
    '$aws',
    '${iot:ClientId}',
    '${iot:Connection.Thing.ThingName}',
  ],
  ...['', 'A', 'a:b', 'a b', 'a.b', 'a_b', 'a\n', 'ä', 'x'.repeat(65)],
];

/** A fleet file, or a list, with such a name is refused, so that there is no such policy, and nothing for a policy variable. */
export function attackWithForbiddenNames(progress: Progress): void {
  progress.expect(2 * NAMES.length);
  for (const name of NAMES) {
    const { success } = fleetFileSchema.safeParse({ devices: { [name]: { board: 'esp8266' } } });
    progress.case(`a device named ${JSON.stringify(name)}`, success ? 'the fleet file may name it so' : undefined);
    progress.case(`a line named ${JSON.stringify(name)}`, isListed(name) ? 'the list may name it so' : undefined);
  }
}

function isListed(name: string): boolean {
  try {
    return parseDeviceList(`name,board\n"${name}",esp8266\n`, 'devices.csv').length > 0;
  } catch (error) {
    if (error instanceof FleetFileError) return false;
    throw error;
  }
}
