import { type Page, pageOf } from '../paging.ts';
import { invalidRequest } from './names.ts';

/** Most items of one answer; also what is given when no size is asked for (AWS does not document its default). */
const MAX_PAGE = 250;

export interface PageRequest {
  readonly size: number | undefined;
  readonly token: string | undefined;
  readonly descending?: boolean;
}

/** As {@link pageOf}. Throws InvalidRequest for a size or token that no page ever had. */
export function page<T>(
  items: Iterable<T>,
  keyOf: (item: T) => string,
  { size = MAX_PAGE, token, ...order }: PageRequest,
): Page<T> {
  if (!Number.isInteger(size) || size < 1 || size > MAX_PAGE)
    throw invalidRequest(`the page size must be a whole number from 1 to ${MAX_PAGE}, not ${size}`);
  if (token !== undefined) checkToken(token);
  return pageOf(items, keyOf, { limit: size, token, ...order });
}

function checkToken(token: string): void {
  const key = Buffer.from(token, 'base64url').toString();
  if (key === '' || Buffer.from(key).toString('base64url') !== token)
    throw invalidRequest('the token is not one of a page before');
}
