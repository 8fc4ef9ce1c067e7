import { PRICES, type PriceName } from '../../cli/cost/prices.ts';
import { SPOOFS } from '../loss/spoofs.ts';
import { EXPRESSIONS } from './expressions.ts';

/** What AWS meters by 5 KB, 1 KB and 64 KB, at the 128 KB that a message has at the most. */
const PARTS = 128;

/** Rules are asked again until they take effect. */
const TRIES = 30;

/** Alarms and dashboards are charged by the hour. */
const SHARE_OF_A_MONTH = 1 / 730;

/** More than a run can cost, in US dollars, beyond all that is free: every message at its longest, and asked for as often as can be. */
export function mostDollars(): number {
  const messages = PARTS * SPOOFS.length + TRIES * (EXPRESSIONS.length + 1);
  const used: Partial<Record<PriceName, number>> = {
    connectivity: 60,
    messages,
    rules: 2 * messages,
    actions: 2 * messages,
    writes: PARTS * SPOOFS.length,
    queue: 10 * messages,
    alarms: 20 * SHARE_OF_A_MONTH,
    metrics: 10 * SHARE_OF_A_MONTH,
    dashboards: SHARE_OF_A_MONTH,
  };
  return Object.entries(used).reduce((sum, [name, quantity]) => {
    const { dollars, per } = PRICES[name as PriceName];
    return sum + (quantity * dollars) / per;
  }, 0);
}
