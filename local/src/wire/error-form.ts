import type { Protocol, ServiceModel } from './model.ts';
import type { WireRequest } from './request.ts';

/** How a caller reads an error. */
export interface ErrorForm extends Pick<ServiceModel, 'xmlNamespace' | 'errors'> {
  readonly protocol: Protocol | 'ec2';
}

/** Services beside S3 whose paths are answered in XML, by the names in their signatures. */
const REST_XML = ['s3', 's3express', 'cloudfront', 'route53'];

/**
 * The form that a caller reads, by the request alone: for what is refused before a service is found that could say so. An SDK
 * shows an answer of another form as broken ("XML parse error"), and not what it says.
 */
export function errorForm({ headers, query }: Pick<WireRequest, 'headers' | 'query'>): ErrorForm {
  const form = (protocol: ErrorForm['protocol']): ErrorForm => ({ protocol, xmlNamespace: '', errors: new Map() });
  const credential = headers.authorization ?? query.get('X-Amz-Credential') ?? '';
  const [, signingName] = /\/\d{8}\/[^/]+\/([^/]+)\/aws4_request/.exec(credential) ?? [];
  const type = headers['content-type'] ?? '';
  if (headers['x-amz-target'] !== undefined || type.startsWith('application/x-amz-json')) return form('json');
  if (type.startsWith('application/x-www-form-urlencoded') || query.has('Action'))
    return form(signingName === 'ec2' ? 'ec2' : 'query');
  // Whoever does not sign asks S3: no other service has anything for them.
  const isXml = signingName === undefined ? !type.startsWith('application/json') : REST_XML.includes(signingName);
  return form(isXml ? 'rest-xml' : 'rest-json');
}
