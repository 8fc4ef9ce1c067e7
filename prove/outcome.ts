/** How a proof ended. */
export interface Outcome {
  readonly cases: number;
  readonly failed: number;
}
