/** What an examination of the fleet finds. */
export interface Finding {
  /** The device it is about; undefined when it is about a whole site. */
  readonly device: string | undefined;
  /** A problem has to be seen to; a note says what is under way. */
  readonly kind: 'problem' | 'note';
  /** In one line, with what settles it where that is not the fix. */
  readonly text: string;
  /** What can be done about it without harm to any board of the fleet. */
  readonly fix?: Fix | undefined;
}

export interface Fix {
  /** As it follows "would". */
  readonly text: string;
  /** Repeatable. */
  readonly apply: () => Promise<void>;
}

export const problem = (device: string | undefined, text: string, fix?: Fix): Finding => {
  return { device, kind: 'problem', text, fix };
};

export const note = (device: string | undefined, text: string): Finding => ({ device, kind: 'note', text });
