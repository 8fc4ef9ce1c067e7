import type { ProvisioningHook } from '@aws-sdk/client-iot';
import type { Account } from '../../service.ts';
import type { Collection, State } from '../../state/state.ts';
import { iotArn, notFound } from '../names.ts';

export interface ProvisioningTemplate {
  readonly name: string;
  readonly description: string | undefined;
  readonly enabled: boolean;
  readonly roleArn: string;
  readonly hook: ProvisioningHook | undefined;
  readonly created: Date;
  readonly modified: Date;
  /** Bodies by version: 1, 2, ... */
  readonly versions: Readonly<Record<number, { readonly body: string; readonly created: Date }>>;
  readonly defaultVersion: number;
  /** Ids are not given twice. */
  readonly lastVersion: number;
}

export class TemplateStore {
  readonly templates: Collection<ProvisioningTemplate>;
  readonly #account: Account;

  constructor(state: State, account: Account) {
    this.templates = state.collection('iot.provisioning-templates');
    this.#account = account;
  }

  arn(name: string): string {
    return iotArn(this.#account, `provisioningtemplate/${name}`);
  }

  /** Throws ResourceNotFound. */
  find(name: string): ProvisioningTemplate {
    const template = this.templates.get(name);
    if (!template) throw notFound(`The provisioning template ${name} does not exist.`);
    return template;
  }
}

/** The body that devices are provisioned by. */
export const bodyOf = ({ versions, defaultVersion }: ProvisioningTemplate): string =>
  versions[defaultVersion]?.body ?? '';
