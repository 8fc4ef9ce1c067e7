import type { READINGS } from '@esp-fleet/local-cloud';

/** What AWS leaves open, by its name in the local cloud. */
export type ReadingName = keyof typeof READINGS;

/** Something that we believe of AWS. */
export interface Question {
  readonly question: string;
  /** What the documents say, or what is likeliest. */
  readonly assumed: string;
  /** Where the documents leave it open: other answers that we know what to do about, and what each means. */
  readonly open?: Open;
}

export interface Open {
  /** Of the local cloud, where it knows of this. */
  readonly reading?: ReadingName;
  /** By what was seen: the value of the reading, or what it means. */
  readonly answers: Readonly<Record<string, string>>;
}

/** What a cloud has answered. */
export interface Answer extends Question {
  readonly seen: string;
  /** `differs` is a failure: nothing was prepared for it. */
  readonly verdict: 'as assumed' | 'open, and otherwise' | 'differs';
}

export function answered(question: Question, seen: string): Answer {
  const isKnown = Object.hasOwn(question.open?.answers ?? {}, seen);
  const verdict = seen === question.assumed ? 'as assumed' : isKnown ? 'open, and otherwise' : 'differs';
  return { ...question, seen, verdict };
}

/** An answer that is a number: of what may be at the most, or has to be at the least. */
export function measured(
  question: string,
  limit: { readonly most: number } | { readonly least: number },
  value: number,
  unit: string,
  /** What else was seen. */
  more = '',
): Answer {
  const isWithin = 'most' in limit ? value <= limit.most : value >= limit.least;
  const assumed = 'most' in limit ? `at most ${limit.most} ${unit}` : `at least ${limit.least} ${unit}`;
  return { question, assumed, seen: `${value} ${unit}${more}`, verdict: isWithin ? 'as assumed' : 'differs' };
}

/** The readings of the local cloud that behave as this cloud has answered. */
export function readingsOf(answers: readonly Answer[]): Partial<Record<ReadingName, string>> {
  return Object.fromEntries(
    answers.flatMap(({ open, seen }) => {
      const value = open?.answers[seen];
      return open?.reading === undefined || value === undefined ? [] : [[open.reading, value]];
    }),
  );
}
