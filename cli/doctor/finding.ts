/** What an examination of the fleet finds. */
export interface Finding {
  /** The device it is about, unless it is about a whole site. */
  readonly device?: string;
  /** A problem has to be seen to; a note says what is under way. */
  readonly kind: 'problem' | 'note';
  /** In one line, with what settles it where that is not the fix. */
  readonly text: string;
  /** What can be done about it without harm to any board of the fleet. */
  readonly fix?: Fix;
}

export interface Fix {
  /** As it follows "would". */
  readonly text: string;
  /** Repeatable. */
  readonly apply: () => Promise<void>;
}
