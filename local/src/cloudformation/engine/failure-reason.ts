import { AwsError } from '../../errors.ts';
import { AbandonedError } from './operation.ts';
import { CancelledError } from './handler.ts';

/** Why a step failed, for its event. What was only cut short says so. Hands on what ends the whole operation. */
export function failureReason(error: unknown, step: 'creation' | 'update' | 'deletion'): string {
  if (error instanceof AbandonedError) throw error;
  if (error instanceof CancelledError) return `Resource ${step} cancelled`;
  if (error instanceof AwsError) return `${error.code}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}
