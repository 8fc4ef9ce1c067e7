import type { READINGS } from '@esp-fleet/local-cloud';

/** What AWS leaves open, by its name in the local cloud. */
export type ReadingName = keyof typeof READINGS;

/** Something that we believe of AWS. */
export interface Question {
  readonly question: string;
  /** What the documents say, or what is likeliest. */
  readonly assumed: string;
  /** Where the documents leave it open: other answers that we know what to do about, and the reading that each means. */
  readonly open?: { readonly reading: ReadingName; readonly answers: Readonly<Record<string, string>> };
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

/** The readings of the local cloud that behave as this cloud has answered. */
export function readingsOf(answers: readonly Answer[]): Partial<Record<ReadingName, string>> {
  return Object.fromEntries(
    answers.flatMap(({ open, seen }) => {
      const value = open?.answers[seen];
      return open === undefined || value === undefined ? [] : [[open.reading, value]];
    }),
  );
}
