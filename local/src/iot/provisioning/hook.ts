import type { ProvisioningHook } from '@aws-sdk/client-iot';
import type { InvocationRequest, InvocationResponse } from '@aws-sdk/client-lambda';
import { isMap } from '../../cloudformation/template/value.ts';
import type { Dispatcher } from '../../dispatcher.ts';
import { AwsError } from '../../errors.ts';
import type { IamStore } from '../../iam/iam-store.ts';
import { IOT_PRINCIPAL, invalidRequest } from '../names.ts';

/** What a hook is asked (DG, pre-provisioning-hook), in the only payload version there is. */
export interface HookEvent {
  readonly claimCertificateId: string;
  readonly certificateId: string;
  readonly certificatePem: string;
  readonly templateArn: string;
  readonly clientId: string;
  readonly parameters: Readonly<Record<string, string>>;
}

export const PAYLOAD_VERSION = '2020-04-01';

export interface HooksOptions {
  readonly dispatcher: Dispatcher;
  readonly iam: IamStore;
  /** Within which a hook has to answer. */
  readonly seconds: number;
}

const denied = (why: string): AwsError => new AwsError('AccessDeniedException', why, 403);

/** Pre-provisioning hooks: functions that AWS IoT invokes in the template's name, as their own policy allows. */
export class Hooks {
  readonly #options: HooksOptions;

  constructor(options: HooksOptions) {
    this.#options = options;
  }

  /**
   * Throws InvalidRequest unless AWS IoT may invoke the function for that template. AWS asks when a template is made: "Access
   * denied during lambda validation" (badmintoncryer/cdk-preflight). Here it is a DryRun.
   */
  async check({ targetArn, payloadVersion = PAYLOAD_VERSION }: ProvisioningHook, templateArn: string): Promise<void> {
    if (payloadVersion !== PAYLOAD_VERSION)
      throw invalidRequest(`payloadVersion of the hook is ${payloadVersion}; there is ${PAYLOAD_VERSION} alone`);
    try {
      await this.#invoke(templateArn, { FunctionName: targetArn, InvocationType: 'DryRun' });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const why = error.code === 'AccessDeniedException' ? 'Access denied during lambda validation' : 'Invalid hook';
      throw invalidRequest(`${why}: ${error.message}`);
    }
  }

  /** @returns `parameterOverrides`. Throws AccessDenied for whatever is not a clear yes in time. */
  async ask({ targetArn }: ProvisioningHook, event: HookEvent): Promise<Readonly<Record<string, string>>> {
    const Payload = Buffer.from(JSON.stringify(event));
    const invoking = this.#invoke(event.templateArn, { FunctionName: targetArn, Payload });
    const { FunctionError, Payload: answer } = await this.#inTime(invoking).catch((error: unknown) => {
      throw error instanceof AwsError ? denied(`the hook was not run: ${error.message}`) : error;
    });
    if (FunctionError !== undefined) throw denied('the hook failed; its log says why');
    const { allowProvisioning, parameterOverrides = {}, ...others } = readAnswer(answer);
    if (allowProvisioning !== true)
      throw denied(`the hook answered allowProvisioning: ${JSON.stringify(allowProvisioning) ?? 'nothing'}`);
    const [other] = Object.keys(others);
    if (other !== undefined) throw denied(`the hook answered ${other}, which is unknown`);
    if (!isMap(parameterOverrides) || Object.values(parameterOverrides).some((value) => typeof value !== 'string'))
      throw denied('the hook answered parameterOverrides that are no names and texts');
    return parameterOverrides;
  }

  #invoke(sourceArn: string, input: InvocationRequest): Promise<InvocationResponse> {
    const { dispatcher, iam } = this.#options;
    return dispatcher.invoke({ ...iam.servicePrincipal(IOT_PRINCIPAL), sourceArn }, 'lambda', 'Invoke', input);
  }

  async #inTime<T>(answer: Promise<T>): Promise<T> {
    const { seconds } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(denied(`it gave no answer within ${seconds} s`)), seconds * 1000);
    });
    return Promise.race([answer, late]).finally(() => clearTimeout(timer));
  }
}

function readAnswer(answer: Uint8Array | undefined): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(Buffer.from(answer ?? Buffer.from('null')).toString('utf8'));
  return isMap(value) ? value : {};
}
