import { table } from '../terminal/table.ts';
import { type Output, wrapped } from '../terminal/terminal.ts';
import type { Deployment } from './deployment.ts';
import { estimate, MESSAGES_A_DEAD_LETTER, MONTHS_KEPT, savedByBasicIngest, type Traffic } from './estimate.ts';
import { PRICES, PRICES_AS_OF, REGION } from './prices.ts';

/** What a deployment costs a month, a row a charge, with what is taken for granted below. */
export function costTable(output: Output, deployment: Deployment, traffic: Traffic): string {
  const { charges, free, total } = estimate(deployment, traffic);
  const rows = charges
    .filter(({ quantity }) => quantity > 0)
    .map(({ what, price, quantity, dollars }) => {
      const { dollars: each, per, unit } = PRICES[price];
      return [
        what,
        counted(quantity, unit),
        `$${each} ${per === 1 ? 'each' : `per ${per.toLocaleString('en-US')}`}`,
        dollarText(dollars),
      ];
    });
  return [
    table(
      output,
      ['', 'a month', 'price', 'US dollars'],
      [
        ...rows,
        ...(free > 0 ? [['always free', '', '', `−${dollarText(free)}`]] : []),
        ['together', '', '', dollarText(total)],
      ],
    ),
    '',
    ...[
      `${counted(deployment.devices, 'devices')}. ${assumptions(deployment, traffic)}`,
      ...savings(deployment, traffic),
    ].map((text) => wrapped(output, text)),
  ].join('\n');
}

/** In a sentence each, what an estimate takes for granted. */
export function assumptions(
  { retentionDays }: Pick<Deployment, 'retentionDays'>,
  { interval, bytes }: Traffic,
): string {
  const kept =
    retentionDays === undefined ? `rows of ${MONTHS_KEPT} months` : `rows of ${quantityText(retentionDays)} days`;
  return (
    `Every device is connected all the time and sends ${bytes} bytes every ${quantityText(interval / 1_000)} s; ` +
    `${kept} are stored; one message in ${MESSAGES_A_DEAD_LETTER.toLocaleString('en-US')} becomes a dead letter; nobody reads. ` +
    `Prices of ${REGION} as of ${PRICES_AS_OF}, less what is always free if nothing else in the account uses it, ` +
    'without credits, taxes and what a deployment itself costs.'
  );
}

/** None that would cost more, and none that the settings refuse: nothing counts what comes by basic ingest. */
function savings(deployment: Deployment, traffic: Traffic): string[] {
  const saved = savedByBasicIngest(deployment, traffic);
  if (deployment.metrics > 0 || saved < 0.005) return [];
  const is = deployment.basicIngest ? 'Basic ingest saves' : 'Basic ingest ("ingest": "basic" in cdk.json) would save';
  return [`${is} ${dollarText(saved)} of it a month.`];
}

/** Such as `$1.20 → $1.45 (+$0.25)`, of dollars a month; undefined when no cent changes. */
export function costDifference(before: number, after: number): string | undefined {
  const [then, now] = [dollarText(before), dollarText(after)];
  if (then === now) return undefined;
  return `${then} → ${now} (${after > before ? '+' : '−'}${dollarText(Math.abs(after - before))})`;
}

function dollarText(dollars: number): string {
  return `$${dollars.toFixed(2)}`;
}

/** @param unit in the plural, such as `messages of up to 5 KB` */
function counted(quantity: number, unit: string): string {
  return `${quantityText(quantity)} ${quantity === 1 ? unit.replace(/s\b/, '') : unit}`;
}

/** With three digits, or all those before the point. */
function quantityText(quantity: number): string {
  return quantity.toLocaleString('en-US', { maximumFractionDigits: quantity < 10 ? 2 : 0 });
}
