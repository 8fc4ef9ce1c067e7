import { PRICES, type PriceName } from '../../cli/cost/prices.ts';
import { SPOOFS } from '../loss/spoofs.ts';
import { EXPRESSIONS } from './expressions.ts';
import { CLASSES, PARTS } from './payload-classes.ts';

/** Rules are asked again until they take effect. */
const TRIES = 30;

/** Of the probes of the table and of the dead letters, and of the device that is revoked: four a second for ten minutes. */
const OTHERS = 4 * TRIES + 4 * 600;

/** Alarms and dashboards are charged by the hour. */
const SHARE_OF_A_MONTH = 1 / 730;

/** By MQTT and over HTTP, as AWS meters them, with what stands around them. @param unit in bytes */
function spoofs(unit: number): number {
  const lengths = SPOOFS.map(({ payload }) => Buffer.byteLength(payload));
  // Kept whole, in base64, a payload is a third longer.
  return 2 * lengths.reduce((sum, length) => sum + Math.ceil((1_000 + (4 * length) / 3) / unit), 0);
}

/** More than a run can cost, in US dollars and whole cents, beyond all that is free: whatever is asked again is asked as often as can be. */
export function mostDollars(): number {
  const asked = EXPRESSIONS.length + PARTS.length * Object.keys(CLASSES).length + 2;
  const messages = spoofs(5 * 1024) + TRIES * asked + OTHERS;
  const used: Partial<Record<PriceName, number>> = {
    connectivity: 120,
    messages,
    rules: 2 * messages,
    actions: 2 * messages,
    writes: spoofs(1024) + OTHERS,
    queue: 10 * messages,
    alarms: 20 * SHARE_OF_A_MONTH,
    metrics: 10 * SHARE_OF_A_MONTH,
    dashboards: SHARE_OF_A_MONTH,
  };
  const dollars = Object.entries(used).reduce((sum, [name, quantity]) => {
    const price = PRICES[name as PriceName];
    return sum + (quantity * price.dollars) / price.per;
  }, 0);
  return Math.ceil(100 * dollars) / 100;
}
