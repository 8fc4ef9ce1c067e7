/** To the runner: an event. */
export interface InvocationMessage {
  readonly requestId: string;
  /** JSON. */
  readonly event: string;
  /** When the function times out, in milliseconds since 1970. */
  readonly deadline: number;
  readonly functionArn: string;
}

/** From the runner: that it takes events, or the answer to one. */
export type RunnerMessage = { readonly ready: true } | AnswerMessage;

export interface AnswerMessage {
  readonly requestId: string;
  readonly answer: Answer;
  /** That the runner takes no further event. */
  readonly last: boolean;
}

export type Answer =
  | {
      /** JSON. */
      readonly result: string;
    }
  | { readonly error: FunctionError };

/** The payload of an answer with FunctionError, as the Node.js runtimes write it. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}
