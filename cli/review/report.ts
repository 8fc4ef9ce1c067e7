import { assumptions, costDifference } from '../cost/cost-table.ts';
import { counted } from '../terminal/counted.ts';
import type { Deployment } from '../cost/deployment.ts';
import type { Traffic } from '../cost/estimate.ts';
import type { Comparison } from './compare.ts';
import type { Danger } from './dangers.ts';
import { code, codes, type Part, type ReportDocument, type Section, type Span, strong } from './document.ts';
import { accessParts, findingParts, policyParts, resourceParts, ruleParts } from './report-parts.ts';
import { deviceParts } from './report-devices.ts';

/** All that a review found. */
export interface Review extends Comparison {
  readonly base: { readonly ref: string; readonly commit: string };
  readonly cost: ReviewedCost;
}

/** What a deployment costs, as it was and as it becomes, when devices send the same. */
export interface ReviewedCost {
  readonly traffic: Traffic;
  /** US dollars a month. */
  readonly before: number;
  readonly after: number;
  readonly deployment: Deployment;
}

/** Whether a deployment does something that no later one makes good. */
export function isIrreversible({ dangers }: Comparison): boolean {
  return dangers.some(({ irreversible }) => irreversible);
}

/** A review in the order in which people should read it. */
export function reportOf(review: Review): ReportDocument {
  const irreversible = review.dangers.filter((danger) => danger.irreversible);
  const others = review.dangers.filter((danger) => !danger.irreversible);
  const sections: Section[] = [
    { title: 'Irreversible', urgent: true, parts: irreversible.map(dangerLine) },
    { title: 'Deleted, replaced, taken over or less protected', urgent: true, parts: others.map(dangerLine) },
    { title: 'Devices', urgent: false, parts: deviceParts(review.devices) },
    { title: 'What devices may do', urgent: false, parts: policyParts(review.policies) },
    { title: 'Topic rules', urgent: false, parts: ruleParts(review.rules) },
    { title: 'Access (IAM and resource policies)', urgent: false, parts: accessParts(review.access) },
    { title: 'Security findings', urgent: false, parts: findingParts(review.findings, review.acknowledgements) },
    { title: 'Other resources', urgent: false, parts: resourceParts(review) },
    { title: 'Cost a month', urgent: false, parts: costParts(review.cost) },
  ];
  const shown = sections.filter(({ parts }) => parts.length > 0);
  const count = irreversible.reduce((sum, { names }) => sum + names.length, 0);
  return {
    title: `Fleet review: ${count === 0 ? 'nothing irreversible' : counted(count, 'irreversible change')}`,
    summary: [summaryOf(shown), '; compared with ', code(review.base.ref), '.'],
    sections: shown,
    footer: [roomLine(review)],
  };
}

function summaryOf(sections: readonly Section[]): string {
  if (sections.length === 0) return 'Nothing that is deployed changes';
  const titles = sections.filter(({ urgent }) => !urgent).map(({ title }) => decapitalized(title));
  return titles.length === 0 ? 'Changes: only what stands below' : `Changes: ${titles.join(', ')}`;
}

function dangerLine({ what, type, where, names, consequence }: Danger): Part {
  return [strong(what), ' ', ...codes(names), ` (${type === 'device' ? where : `${type}, ${where}`}): ${consequence}`];
}

function costParts({ before, after, deployment, traffic }: ReviewedCost): Part[] {
  const difference = costDifference(before, after);
  // As code: GitHub would take what stands between two dollar signs for mathematics.
  return difference === undefined ? [] : [[code(difference)], [assumptions(deployment, traffic)]];
}

function roomLine({ sites }: Comparison): Span[] {
  const rooms = sites.map(
    ({ site, devices, resources, left }) =>
      `${site} ${counted(devices, 'device')}, ${resources} resources (${left} left)`,
  );
  return [`Sites: ${rooms.join('; ')}.`];
}

function decapitalized(title: string): string {
  return title.charAt(0).toLowerCase() + title.slice(1);
}
