import 'reflect-metadata'; // before @peculiar/x509, which cannot be loaded without it
import { CloudFormationClient, type DescribeStackResourceCommand } from '@aws-sdk/client-cloudformation';
import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CertificateStateException,
  type CertificateStatus,
  CreateCertificateFromCsrCommand,
  CreatePolicyCommand,
  DeleteCertificateCommand,
  DeleteConflictException,
  DeletePolicyCommand,
  DescribeCertificateCommand,
  DescribeThingCommand,
  DetachPolicyCommand,
  DetachThingPrincipalCommand,
  IoTClient,
  ListAttachedPoliciesCommand,
  ListPrincipalThingsCommand,
  ListTargetsForPolicyCommand,
  ListThingPrincipalsCommand,
  ResourceNotFoundException,
  UpdateCertificateCommand,
  UpdateThingCommand,
  VersionConflictException,
} from '@aws-sdk/client-iot';
import { SSMClient } from '@aws-sdk/client-ssm';
import { Pkcs10CertificateRequest, X509CertificateGenerator } from '@peculiar/x509';
import { mockClient } from 'aws-sdk-client-mock';
import { randomBytes, webcrypto } from 'node:crypto';
import { FakeParameters } from './fake-parameters.ts';

const SIGNING = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const AUTHORITY = await webcrypto.subtle.generateKey(SIGNING, false, ['sign', 'verify']);

export async function issue(csr: string): Promise<string> {
  const certificate = await X509CertificateGenerator.create({
    publicKey: new Pkcs10CertificateRequest(csr).publicKey,
    signingKey: AUTHORITY.privateKey,
    signingAlgorithm: SIGNING,
  });
  return certificate.toString('pem');
}

export class FakeCertificate {
  readonly id: string;
  readonly arn: string;
  readonly csr: string;
  pem = '';
  status: CertificateStatus = 'INACTIVE';
  readonly things = new Set<string>();
  readonly policies = new Set<string>();

  constructor(csr = '', id = randomBytes(32).toString('hex')) {
    this.csr = csr;
    this.id = id;
    this.arn = `arn:aws:iot:eu-central-1:123456789012:cert/${id}`;
  }

  get isAttached(): boolean {
    return this.things.size + this.policies.size > 0;
  }

  /** Whether a board could connect with it. */
  get works(): boolean {
    return this.status === 'ACTIVE' && this.things.has('shed') && this.policies.has('shed');
  }

  copy(): FakeCertificate {
    const copy = new FakeCertificate(this.csr, this.id);
    copy.pem = this.pem;
    copy.status = this.status;
    for (const thing of this.things) copy.things.add(thing);
    for (const policy of this.policies) copy.policies.add(policy);
    return copy;
  }
}

/** As much of AWS IoT and the SSM Parameter Store as the function talks to, with AWS's preconditions. */
export class FakeAws {
  readonly certificates: FakeCertificate[] = [];
  parameters = new FakeParameters();
  /** The names of all calls, in order. */
  calls: string[] = [];
  /** Told each call before and after it takes effect; what it throws becomes the answer. */
  fault: (action: string, when: 'before' | 'after') => void = () => undefined;
  /** Called after each call has taken effect. */
  watch: () => void = () => undefined;
  /** Whether the run that calls has been killed: none of its calls takes effect any more. */
  isDead = false;
  /** How many further runs die at once. */
  deadRuns = 0;
  /** Awaited before each call. */
  turn: (action: string) => Promise<void> | undefined = () => undefined;
  /** What the stack says of its resources, by their logical ids. */
  readonly resources = new Map<string, { readonly status: string; readonly physicalId?: string }>();
  /** How many lists still show what was detached. */
  lag = 0;
  /** How often a policy cannot be deleted yet. */
  policyLag = 0;
  readonly policies = new Set<string>();
  /** By name, those whose attributes matter. */
  readonly things = new Map<string, { attributes: Record<string, string>; version: number }>();
  /** The names of policies that somebody has deleted. */
  readonly gone = new Set<string>();

  readonly #shown = new Map<string, number>();

  /** Stands in for every client of the SDK until the mocks are restored. */
  constructor() {
    mockClient(IoTClient).send.callsFake((command: object) => this.#answer(command, () => this.#iot(command)));
    mockClient(CloudFormationClient).send.callsFake((command: object) =>
      this.#answer(command, () => this.#stackResource(command as DescribeStackResourceCommand)),
    );
    mockClient(SSMClient).send.callsFake((command: object) =>
      this.#answer(command, () => this.parameters.answer(command)),
    );
  }

  #stackResource({ input }: DescribeStackResourceCommand): object {
    const resource = this.resources.get(input.LogicalResourceId ?? '');
    if (resource === undefined) throw Object.assign(new Error('it does not exist'), { name: 'ValidationError' });
    return { StackResourceDetail: { ResourceStatus: resource.status, PhysicalResourceId: resource.physicalId } };
  }

  /** Typed as fitting every command, which is what a stub of all of them has to be. */
  async #answer(command: object, act: () => object | Promise<object>): Promise<never> {
    const action = command.constructor.name.replace(/Command$/, '');
    await this.turn(action);
    if (this.isDead) throw new Error('killed');
    this.calls.push(action);
    this.fault(action, 'before');
    try {
      return (await act()) as never;
    } finally {
      this.watch();
      this.fault(action, 'after');
    }
  }

  /** Before the next run. */
  revive(): void {
    this.isDead = this.deadRuns-- > 0;
  }

  /** Keeps everything as it is now, and gives back a function that restores it. */
  snapshot(): () => void {
    const certificates = this.certificates.map((certificate) => certificate.copy());
    const parameters = [...this.parameters];
    return () => {
      this.certificates.splice(0, Infinity, ...certificates.map((certificate) => certificate.copy()));
      this.parameters = new FakeParameters(parameters);
      this.calls = [];
      this.isDead = false;
      this.deadRuns = 0;
      this.fault = () => undefined;
      this.turn = () => undefined;
    };
  }

  certificate(id: string | undefined): FakeCertificate {
    const found = this.certificates.find((one) => one.id === id || one.arn === id);
    if (found === undefined) throw new ResourceNotFoundException(ANSWER);
    return found;
  }

  async #iot(command: object): Promise<object> {
    if (command instanceof CreateCertificateFromCsrCommand) {
      const made = new FakeCertificate(command.input.certificateSigningRequest);
      if (command.input.setAsActive) made.status = 'ACTIVE';
      made.pem = await issue(made.csr);
      this.certificates.push(made);
      return { certificateId: made.id, certificateArn: made.arn, certificatePem: made.pem };
    }
    if (command instanceof DescribeCertificateCommand) {
      const { id, arn, status, pem } = this.certificate(command.input.certificateId);
      return { certificateDescription: { certificateId: id, certificateArn: arn, status, certificatePem: pem } };
    }
    if (command instanceof UpdateCertificateCommand) {
      const certificate = this.certificate(command.input.certificateId);
      if (certificate.status === 'REVOKED') throw new CertificateStateException(ANSWER);
      certificate.status = command.input.newStatus ?? certificate.status;
      return {};
    }
    if (command instanceof DeleteCertificateCommand) {
      const certificate = this.certificate(command.input.certificateId);
      if (certificate.status === 'ACTIVE') throw new CertificateStateException(ANSWER);
      if (certificate.isAttached) throw new DeleteConflictException(ANSWER);
      this.certificates.splice(this.certificates.indexOf(certificate), 1);
      return {};
    }
    if (command instanceof CreatePolicyCommand) {
      this.policies.add(command.input.policyName ?? '');
      return {};
    }
    if (command instanceof DeletePolicyCommand) {
      const { policyName = '' } = command.input;
      if (!this.policies.has(policyName)) throw new ResourceNotFoundException(ANSWER);
      if (this.certificates.some(({ policies }) => policies.has(policyName)) || this.policyLag-- > 0)
        throw new DeleteConflictException(ANSWER);
      this.policies.delete(policyName);
      return {};
    }
    return this.#thing(command) ?? this.#attachment(command);
  }

  #thing(command: object): object | undefined {
    const known = (name = '') => {
      const thing = this.things.get(name);
      if (thing === undefined) throw new ResourceNotFoundException(ANSWER);
      return thing;
    };
    if (command instanceof DescribeThingCommand) {
      const { attributes, version } = known(command.input.thingName);
      return { attributes: { ...attributes }, version };
    }
    if (command instanceof UpdateThingCommand) {
      const { thingName, attributePayload, expectedVersion } = command.input;
      const thing = known(thingName);
      if (expectedVersion !== undefined && expectedVersion !== thing.version)
        throw new VersionConflictException(ANSWER);
      const changed = { ...(attributePayload?.merge && thing.attributes), ...attributePayload?.attributes };
      thing.attributes = Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== ''));
      thing.version++;
      return {};
    }
    if (command instanceof ListThingPrincipalsCommand) {
      const { thingName = '' } = command.input;
      known(thingName);
      return { principals: this.certificates.filter(({ things }) => things.has(thingName)).map(({ arn }) => arn) };
    }
    return undefined;
  }

  #attachment(command: object): object {
    if (command instanceof AttachPolicyCommand) {
      const certificate = this.certificate(command.input.target);
      const { policyName = '' } = command.input;
      if (this.gone.has(policyName)) throw new ResourceNotFoundException(ANSWER);
      certificate.policies.add(policyName);
      return {};
    }
    if (command instanceof AttachThingPrincipalCommand && command.input.thingPrincipalType === 'EXCLUSIVE_THING') {
      this.certificate(command.input.principal).things.add(command.input.thingName ?? '');
      return {};
    }
    if (command instanceof DetachPolicyCommand) {
      const { policies } = this.certificate(command.input.target);
      if (!policies.delete(command.input.policyName ?? '')) throw new ResourceNotFoundException(ANSWER);
      this.#shown.set(`policy ${command.input.policyName}`, this.lag);
      return {};
    }
    if (command instanceof DetachThingPrincipalCommand) {
      const { things } = this.certificate(command.input.principal);
      if (!things.delete(command.input.thingName ?? '')) throw new ResourceNotFoundException(ANSWER);
      this.#shown.set(`thing ${command.input.thingName}`, this.lag);
      return {};
    }
    if (command instanceof ListAttachedPoliciesCommand) {
      const { policies } = this.certificate(command.input.target);
      return { policies: [...policies].map((policyName) => ({ policyName })) };
    }
    if (command instanceof ListPrincipalThingsCommand) {
      return { things: [...this.certificate(command.input.principal).things, ...this.#stillShown('thing')] };
    }
    if (command instanceof ListTargetsForPolicyCommand) {
      const targets = this.certificates.filter(({ policies }) => policies.has(command.input.policyName ?? ''));
      const stale = this.#stillShown('policy').length > 0 ? this.certificates : [];
      return { targets: [...targets, ...stale].map(({ arn }) => arn) };
    }
    throw new Error(`the fake knows no ${command.constructor.name}`);
  }

  #stillShown(kind: string): string[] {
    return [...this.#shown].flatMap(([detached, lists]) => {
      const [shownKind, name = ''] = detached.split(' ');
      if (shownKind !== kind || lists === 0) return [];
      this.#shown.set(detached, lists - 1);
      return [name];
    });
  }
}

const ANSWER = { $metadata: {}, message: 'as AWS puts it' };
