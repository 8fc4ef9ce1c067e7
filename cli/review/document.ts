import { firstOf } from '../terminal/counted.ts';

/** A piece of a line. Plain text is written as it stands, whatever it holds. */
export type Span = string | { readonly code: string } | { readonly strong: string };

/** A line of a section; or a block, whose lines stand as they are. */
export type Part = readonly Span[] | { readonly block: string; readonly language: 'diff' | 'json' };

export interface Section {
  readonly title: string;
  /** Never folded, never cut. */
  readonly urgent: boolean;
  readonly parts: readonly Part[];
}

/** A report that can be written as Markdown or as plain text. */
export interface ReportDocument {
  readonly title: string;
  readonly summary: readonly Span[];
  readonly sections: readonly Section[];
  /** Lines below everything else. */
  readonly footer: readonly (readonly Span[])[];
}

export function code(text: string): Span {
  return { code: text };
}

export function strong(text: string): Span {
  return { strong: text };
}

/** Names with commas between them, each as code; of very many the first ones, and how many more there are. */
export function codes(names: readonly string[]): Span[] {
  const { shown, rest } = firstOf(names);
  const spans = shown.flatMap((name, index) => (index === 0 ? [code(name)] : [', ', code(name)]));
  return rest === '' ? spans : [...spans, rest];
}

/** So many devices are named, where it is enough to know what happens to them; all of them are in the review as JSON. */
const MOST_DEVICES = 20;

/** Devices as {@link codes}; of more than 20, how many there are, and the first ones. */
export function deviceCodes(devices: readonly string[]): Span[] {
  if (devices.length <= MOST_DEVICES) return codes(devices);
  return [`${devices.length.toLocaleString('en')} devices (`, ...codes(devices.slice(0, 3)), ', ...)'];
}
