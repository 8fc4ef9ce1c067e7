import type * as sdk from '@aws-sdk/client-ssm';
import { AwsError, NotImplementedError } from '../errors.ts';
import { pageOf } from '../paging.ts';
import type { Operations } from '../service.ts';
import type { ParameterStore } from './parameter-store.ts';

/** The most that GetParameters and a page of GetParametersByPath hold. */
const MOST = 10;

export const getParameterOperations = (store: ParameterStore): Operations<typeof sdk> => ({
  GetParameter: {
    takes: ['Name', 'WithDecryption'],
    resource: ({ Name }) => store.arn(Name),
    handle: ({ Name, WithDecryption }, call) => ({ Parameter: store.describe(store.find(Name), call, WithDecryption) }),
  },
  GetParameters: {
    takes: ['Names', 'WithDecryption'],
    resource: ({ Names }) => store.arn(Names?.[0]),
    handle: ({ Names = [], WithDecryption }, call) => {
      if (Names.length < 1 || Names.length > MOST)
        throw new AwsError('ValidationException', `Names must hold 1 to ${MOST} names.`);
      for (const name of Names.slice(1)) call.authorize('ssm:GetParameters', store.arn(name));
      const found = Names.map((name) => {
        try {
          return store.describe(store.find(name), call, WithDecryption);
        } catch (error) {
          if (error instanceof AwsError && error.code === 'ParameterNotFound') return undefined;
          throw error;
        }
      });
      return {
        Parameters: found.filter((parameter) => parameter !== undefined),
        InvalidParameters: Names.filter((_, index) => found[index] === undefined),
      };
    },
  },
  GetParametersByPath: {
    takes: ['Path', 'Recursive', 'WithDecryption', 'MaxResults', 'NextToken'],
    resource: ({ Path }) => store.arn(Path),
    handle: ({ Path = '', Recursive, WithDecryption, MaxResults: limit = MOST, NextToken: token }, call) => {
      if (!Path.startsWith('/')) throw new AwsError('ValidationException', `The path ${Path} must begin with a slash.`);
      if (/^\/aws\/service(\/|$)/.test(Path))
        throw new NotImplementedError(`the public parameters below ${Path} of ssm`);
      if (limit < 1 || limit > MOST) throw new AwsError('ValidationException', `MaxResults must be 1 to ${MOST}.`);
      const prefix = Path.endsWith('/') ? Path : `${Path}/`;
      const below = [...store.parameters.values()].filter(
        ({ name }) => name.startsWith(prefix) && (Recursive || !name.slice(prefix.length).includes('/')),
      );
      const { items, next } = pageOf(below, ({ name }) => name, { limit, token });
      return { Parameters: items.map((parameter) => store.describe(parameter, call, WithDecryption)), NextToken: next };
    },
  },
});
