import type { PutMetricAlarmInput, StateValue } from '@aws-sdk/client-cloudwatch';
import type { Tags } from '../tags.ts';

/** An alarm as it is kept. */
export interface Alarm {
  readonly name: string;
  /** As PutMetricAlarm took them. */
  readonly settings: Omit<PutMetricAlarmInput, 'Tags'>;
  readonly configured: Date;
  readonly state: { readonly value: StateValue; readonly reason: string; readonly updated: Date };
  readonly tags: Tags;
}
