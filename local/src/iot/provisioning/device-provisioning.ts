import { isMap } from '../../cloudformation/template/value.ts';
import type { Dispatcher } from '../../dispatcher.ts';
import { AwsError } from '../../errors.ts';
import type { IamStore } from '../../iam/iam-store.ts';
import type { Log } from '../../log.ts';
import type { CertificateAuthority, Issued } from '../certificate-authority.ts';
import { IOT_PRINCIPAL, invalidRequest, iotArn } from '../names.ts';
import type { Certificate, Registry } from '../registry/registry.ts';
import { CERTIFICATE_ID, evaluateTemplate, invalidParameters } from './evaluate-template.ts';
import type { Hooks } from './hook.ts';
import type { OwnershipTokens } from './ownership-tokens.ts';
import { parseTemplateBody } from './template-body.ts';
import { type TemplateStore, bodyOf } from './template-store.ts';
import type { ProvisioningRequest } from './topics.ts';

/** Who asks, over which connection. */
export interface Requester {
  readonly clientId: string;
  readonly certificateId: string;
  /** As refusals name it. */
  readonly who: string;
  readonly connection: object;
}

/** What comes back over that connection. */
export interface ProvisioningAnswer {
  readonly topic: string;
  readonly payload: string;
}

export interface DeviceProvisioningOptions {
  readonly registry: Registry;
  readonly authority: CertificateAuthority;
  readonly templates: TemplateStore;
  readonly tokens: OwnershipTokens;
  readonly hooks: Hooks;
  readonly iam: IamStore;
  readonly dispatcher: Dispatcher;
  readonly log: Log;
}

/** The device provisioning MQTT API (DG, fleet-provision-api). */
export class DeviceProvisioning {
  readonly #options: DeviceProvisioningOptions;

  constructor(options: DeviceProvisioningOptions) {
    this.#options = options;
  }

  /** Answers a request that the policy of whoever asks let through. It never rejects, and logs each refusal with its reason. */
  async answer(request: ProvisioningRequest, payload: Uint8Array, requester: Requester): Promise<ProvisioningAnswer> {
    const { log, registry, dispatcher } = this.#options;
    const { operation, topic } = request;
    try {
      const accepted = await dispatcher.overMqtt(requester.who, operation, payload, () =>
        this.#run(request, payload, requester),
      );
      return { topic: `${topic}/accepted`, payload: JSON.stringify(accepted) };
    } catch (error) {
      const known = error instanceof AwsError;
      if (!known) log.warn(`${operation} of ${requester.who}: ${error instanceof Error ? error.stack : String(error)}`);
      const { code, status, message } = known ? error : new AwsError('InternalFailure', 'Internal failure', 500);
      const { who, clientId, certificateId } = requester;
      const resource = iotArn(registry.account, `topic/${topic}`);
      const errorCode = code.replace(/Exception$/, '');
      log.refused({
        who,
        action: `iot:${operation}`,
        resource,
        why: `${errorCode}: ${message}`,
        clientId,
        certificateId,
      });
      // Of a refusal, the guide tells the device that it is one (pre-provisioning-hook); why stands in the log.
      const errorMessage = status === 403 ? 'Access denied' : message;
      const statusCode = code === 'ThrottlingException' ? 429 : status;
      return { topic: `${topic}/rejected`, payload: JSON.stringify({ statusCode, errorCode, errorMessage }) };
    }
  }

  async #run({ operation, templateName }: ProvisioningRequest, payload: Uint8Array, by: Requester): Promise<object> {
    const { authority } = this.#options;
    if (operation === 'RegisterThing') return this.#registerThing(templateName, readPayload(payload), by);
    if (operation === 'CreateCertificateFromCsr') {
      const { certificateSigningRequest: csr } = readPayload(payload);
      const issued = await authority.certify(typeof csr === 'string' ? csr : '').catch((error: unknown) => {
        throw error instanceof AwsError ? new AwsError('InvalidCSR', error.message, 400) : error;
      });
      return this.#keep(issued, by);
    }
    if (payload.length > 0) readPayload(payload); // "with an empty message payload"; AWS's own samples send {}
    const { issued, privateKeyPem } = await authority.certifyNewKey();
    return { ...this.#keep(issued, by), privateKey: privateKeyPem };
  }

  #keep(issued: Issued, { connection }: Requester): object {
    const { registry, tokens } = this.#options;
    const created = new Date();
    registry.certificates.set(issued.id, { ...issued, created, modified: created, status: 'PENDING_ACTIVATION' });
    const certificateOwnershipToken = tokens.give(issued.id, connection);
    return { certificateOwnershipToken, certificateId: issued.id, certificatePem: issued.pem };
  }

  async #registerThing(
    templateName: string,
    payload: Readonly<Record<string, unknown>>,
    by: Requester,
  ): Promise<object> {
    const { templates, tokens, hooks, iam, dispatcher, log } = this.#options;
    const { certificateOwnershipToken: token, parameters: given = {} } = payload;
    if (!isMap(given) || Object.values(given).some((value) => typeof value !== 'string'))
      throw invalidParameters('parameters are no names and texts');
    const template = templates.find(templateName);
    if (!template.enabled) throw invalidRequest(`The provisioning template ${templateName} is not enabled.`);
    const use = tokens.use(token, by.connection);
    try {
      const certificate = this.#options.registry.certificate(use.certificateId);
      const parameters = given as Record<string, string>;
      const event = { ...hookEvent(certificate, by), templateArn: templates.arn(templateName), parameters };
      const overrides = template.hook ? await hooks.ask(template.hook, event) : {};
      // Whatever device or hook say, it is the certificate whose token came.
      const all = { ...parameters, ...overrides, [CERTIFICATE_ID]: certificate.id };
      const templateBody = bodyOf(template);
      const { thing, deviceConfiguration } = evaluateTemplate(parseTemplateBody(templateBody), all);
      const role = iam.serviceSession(template.roleArn, IOT_PRINCIPAL, templateName);
      await dispatcher.invoke(role, 'iot', 'RegisterThing', { templateBody, parameters: all });
      use.succeeded();
      log.info(`provisioned: thing ${thing?.name}, certificate ${certificate.id}, by ${templateName} for ${by.who}`);
      return { deviceConfiguration, thingName: thing?.name };
    } finally {
      use.end();
    }
  }
}

const hookEvent = ({ id, pem }: Certificate, { certificateId, clientId }: Requester) => ({
  claimCertificateId: certificateId,
  certificateId: id,
  certificatePem: pem,
  clientId,
});

/** Code and message as an AWS library for devices has them in its tests (aws/aws-iot-device-sdk-embedded-C, v4_beta). */
function readPayload(payload: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(payload).toString('utf8'));
    if (isMap(value)) return value;
  } catch {
    // Said below.
  }
  throw new AwsError('InvalidPayload', 'Message cannot be parsed', 400);
}
