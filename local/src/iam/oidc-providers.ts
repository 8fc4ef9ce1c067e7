import type * as sdk from '@aws-sdk/client-iam';
import { AwsError } from '../errors.ts';
import type { Operations } from '../service.ts';
import type { IamStore, OidcProvider } from './iam-store.ts';

/** OIDC identity providers, as far as a deployment makes them: nobody signs in with their tokens here. */
export function oidcProviderOperations(store: IamStore): Operations<typeof sdk> {
  const resource = (input: { OpenIDConnectProviderArn?: string }): string => input.OpenIDConnectProviderArn ?? '*';
  const find = (arn = ''): OidcProvider => {
    const found = store.oidcProviders.get(arn);
    if (!found) throw new AwsError('NoSuchEntityException', `OpenIDConnect Provider not found for arn ${arn}`, 404);
    return found;
  };
  const arnOf = (id: string, url = ''): string => `arn:aws:iam::${id}:oidc-provider/${url.replace(/^https:\/\//, '')}`;
  return {
    CreateOpenIDConnectProvider: {
      takes: ['Url', 'ClientIDList'],
      resource: ({ Url }, { id }) => arnOf(id, Url),
      handle: ({ Url = '', ClientIDList = [] }, { id }) => {
        if (!/^https:\/\/[^/?#]+(\/[^?#]*)?$/.test(Url))
          throw new AwsError('InvalidInputException', `Invalid Open ID Connect Provider URL: ${Url}`, 400);
        const arn = arnOf(id, Url);
        if (store.oidcProviders.has(arn))
          throw new AwsError('EntityAlreadyExistsException', `Provider with url ${Url} already exists.`, 409);
        store.oidcProviders.set(arn, { url: Url, clientIds: ClientIDList, created: new Date() });
        return { OpenIDConnectProviderArn: arn };
      },
    },
    DeleteOpenIDConnectProvider: {
      resource,
      handle: ({ OpenIDConnectProviderArn = '' }) => {
        find(OpenIDConnectProviderArn);
        store.oidcProviders.delete(OpenIDConnectProviderArn);
      },
    },
  };
}
