import { fleetFileSchema } from '../../lib/fleet/schema.ts';
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

/** A fleet file with such a name is refused, so that there is no such policy. */
export function attackWithForbiddenNames(progress: Progress): void {
  progress.expect(NAMES.length);
  for (const name of NAMES) {
    const { success } = fleetFileSchema.safeParse({ devices: { [name]: { board: 'esp8266' } } });
    progress.case(`a device named ${JSON.stringify(name)}`, success ? 'the fleet file may name it so' : undefined);
  }
}
