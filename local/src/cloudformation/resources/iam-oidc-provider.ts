import { NotImplementedError } from '../../errors.ts';
import { provider, unlessGone } from './provider.ts';

interface OidcProviderProperties {
  readonly Url: string;
  readonly ClientIdList?: string[];
}

/** An OIDC identity provider such as GitHub's. */
export const oidcProvider = provider<OidcProviderProperties>({
  properties: ['Url', 'ClientIdList'],
  async create({ properties: { Url, ClientIdList }, invoke, created }) {
    const made = await invoke('iam', 'CreateOpenIDConnectProvider', { Url, ClientIDList: ClientIdList });
    return created({ Arn: made.OpenIDConnectProviderArn ?? '' });
  },
  update() {
    throw new NotImplementedError('a change of an AWS::IAM::OIDCProvider');
  },
  async delete({ invoke, attributes }) {
    const deletion = invoke('iam', 'DeleteOpenIDConnectProvider', { OpenIDConnectProviderArn: attributes.Arn });
    await unlessGone(deletion, 'NoSuchEntityException');
  },
});
