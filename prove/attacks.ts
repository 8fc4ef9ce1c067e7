import type { Outcome } from './outcome.ts';
import type { Progress } from './progress.ts';
import { attackOverMqtt } from './attacks/over-mqtt.ts';
import { attackWithGeneratedNames } from './attacks/generated-names.ts';
import { attackWithForbiddenNames } from './attacks/forbidden-names.ts';

/**
 * No device reaches another: every ordered pair of a deployed fleet with neighbouring names, over MQTT with real
 * certificates; then the synthesized policies of generated pairs of names; then names that must not exist.
 */
export async function prove(progress: Progress): Promise<Outcome> {
  await attackOverMqtt(progress);
  attackWithGeneratedNames(progress);
  attackWithForbiddenNames(progress);
  return progress.outcome;
}
