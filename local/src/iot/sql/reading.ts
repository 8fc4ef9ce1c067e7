import { DEFAULT_READINGS, type Readings } from '../../readings.ts';

/** How corners are read that AWS does not document, or documents twice and differently; `READINGS` says which. */
export type Reading = Pick<Readings, 'collision' | 'binary'>;

export const defaultReading: Reading = DEFAULT_READINGS;
