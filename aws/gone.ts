import { ResourceNotFoundException } from '@aws-sdk/client-iot';

/** What is gone already needs no second removal. */
export async function unlessGone(removal: Promise<unknown>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
  }
}
