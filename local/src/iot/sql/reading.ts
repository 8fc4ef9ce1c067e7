/** How corners are read that AWS does not document, or documents twice and differently. */
export interface Reading {
  /** Who wins when an alias of `SELECT *, x AS key` meets a root attribute of the payload: the `alias` or the `payload`. */
  collision: 'alias' | 'payload';
  /** What `*` is beside other items, or under an alias, when the payload is not JSON: `undefined` (so left out) or an SQL `error`. */
  binary: 'undefined' | 'error';
}

/**
 * The likelier reading.
 *
 * - `collision`: items are written into one object in their order, and the guide lets people stamp under names that payloads
 *   use themselves (`SELECT *, timestamp() AS timestamp`, iot-substitution-templates).
 * - `binary`: binary-payloads lists `SELECT *, principal() as principal, timestamp() as time` among the clauses for binary
 *   payloads, yet says in the sentence before that data can be added to an empty or a JSON payload. The list is read as meant.
 */
export const defaultReading: Reading = { collision: 'alias', binary: 'undefined' };
