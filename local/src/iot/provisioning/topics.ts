/** What a device asks for, and the reserved topic that it publishes it to. */
export interface ProvisioningRequest {
  readonly operation: 'CreateCertificateFromCsr' | 'CreateKeysAndCertificate' | 'RegisterThing';
  /** Of RegisterThing; else empty. */
  readonly templateName: string;
  /** The answer comes below it, on `/accepted` or `/rejected`. */
  readonly topic: string;
}

// JSON alone: of CBOR, the topics end in `cbor` (DG, fleet-provision-api).
const REQUEST = /^\$aws\/(?:certificates\/(create(?:-from-csr)?)|provisioning-templates\/([^/+#]+)\/provision)\/json$/;

/** The request that a message to this topic is; undefined for any other topic. */
export function provisioningRequest(topic: string): ProvisioningRequest | undefined {
  const [, create, templateName = ''] = REQUEST.exec(topic) ?? [];
  if (create === undefined && templateName === '') return undefined;
  const operation =
    create === undefined
      ? 'RegisterThing'
      : create === 'create'
        ? 'CreateKeysAndCertificate'
        : 'CreateCertificateFromCsr';
  return { operation, templateName, topic };
}

/** Whether a topic filter is one for answers: DG, reserved-topics, lets a device subscribe to those alone. */
export function isAnswerFilter(filter: string): boolean {
  const [, topic = ''] = /^(.*)\/(?:accepted|rejected|[+#])$/s.exec(filter) ?? [];
  return provisioningRequest(topic) !== undefined;
}
