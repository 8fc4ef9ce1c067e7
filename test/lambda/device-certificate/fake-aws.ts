import 'reflect-metadata'; // before @peculiar/x509, which cannot be loaded without it
import { CloudFormationClient, type DescribeStackResourceCommand } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  CertificateStateException,
  type CertificateStatus,
  DeleteConflictException,
  InvalidRequestException,
  IoTClient,
  ResourceNotFoundException,
  VersionConflictException,
} from '@aws-sdk/client-iot';
import { SSMClient } from '@aws-sdk/client-ssm';
import { Pkcs10CertificateRequest, X509CertificateGenerator } from '@peculiar/x509';
import { mockClient } from 'aws-sdk-client-mock';
import { randomBytes, webcrypto } from 'node:crypto';
import { vi } from 'vitest';
import { logicalIdOf } from './cloudformation.ts';
import { FakeParameters } from './fake-parameters.ts';
import { FakeTable } from './fake-table.ts';

const ANSWER = { $metadata: {}, message: 'as AWS puts it' };

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

const issued = new Map<string, Promise<string>>();

/** The nth certificate for a request, made once for all cases: what signs one takes longer than all else in a case. */
function issueOnce(csr: string, nth: number): Promise<string> {
  const id = `${nth} ${csr}`;
  const certificate = issued.get(id) ?? issue(csr);
  issued.set(id, certificate);
  return certificate;
}

let made = 0;

export class FakeCertificate {
  readonly id: string;
  readonly arn: string;
  readonly csr: string;
  pem = '';
  /** Each a second after the one before. */
  readonly created = new Date(1_000 * ++made);
  status: CertificateStatus = 'INACTIVE';
  readonly things = new Set<string>();
  readonly policies = new Set<string>();

  constructor(csr = '', id = randomBytes(32).toString('hex')) {
    this.csr = csr;
    this.id = id;
    this.arn = `arn:aws:iot:eu-central-1:123456789012:cert/${id}`;
  }

  /** One that a board of this name can connect with. */
  static working(device: string): FakeCertificate {
    const certificate = new FakeCertificate();
    certificate.status = 'ACTIVE';
    certificate.things.add(device);
    certificate.policies.add(device);
    return certificate;
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

/** What the operations of AWS IoT are told: each only some of it. */
interface Input {
  readonly certificateSigningRequest: string;
  readonly setAsActive: boolean;
  readonly certificateId: string;
  readonly newStatus: CertificateStatus;
  readonly policyName: string;
  readonly thingName: string;
  readonly thingPrincipalType?: string;
  readonly target: string;
  readonly principal: string;
  readonly attributePayload: { readonly attributes: Readonly<Record<string, string>>; readonly merge?: boolean };
  readonly expectedVersion?: number;
}

/** As much of AWS IoT and the SSM Parameter Store as the function talks to, with AWS's preconditions. */
export class FakeAws {
  readonly certificates: FakeCertificate[] = [];
  parameters = new FakeParameters();
  readonly table = new FakeTable();
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
  /** What the stack says of its resources, by their logical ids: the first generation of the device is being made. */
  readonly resources = new Map<string, { readonly status: string; readonly physicalId?: string }>([
    [logicalIdOf(), { status: 'CREATE_IN_PROGRESS' }],
  ]);
  /** What DescribeThing answers, where it is behind; undefined where it is not. */
  described: { readonly attributes: Readonly<Record<string, string>>; readonly version: number } | undefined;
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
  /** How many certificates were made for a request. */
  #issued = new Map<string, number>();

  /** Stands in for every client of the SDK until the mocks are restored. */
  constructor() {
    vi.spyOn(console, 'log').mockReturnValue();
    mockClient(IoTClient).send.callsFake((command: object) =>
      this.#answer(command, (action) => {
        const act = this.#iot[action];
        if (act === undefined) throw new Error(`the fake knows no ${action}`);
        return act((command as { readonly input: Input }).input);
      }),
    );
    mockClient(CloudFormationClient).send.callsFake((command: object) =>
      this.#answer(command, () => this.#stackResource(command as DescribeStackResourceCommand)),
    );
    mockClient(DynamoDBClient).send.callsFake((command: object) =>
      this.#answer(command, () => this.table.answer(command)),
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
  async #answer(command: object, act: (action: string) => object | Promise<object>): Promise<never> {
    const action = command.constructor.name.replace(/Command$/, '');
    await this.turn(action);
    if (this.isDead) throw new Error('killed');
    this.calls.push(action);
    this.fault(action, 'before');
    try {
      return (await act(action)) as never;
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
    const before = new Map(this.#issued);
    return () => {
      this.certificates.splice(0, Infinity, ...certificates.map((certificate) => certificate.copy()));
      this.parameters = new FakeParameters(parameters);
      this.#issued = new Map(before);
      this.calls = [];
      this.isDead = false;
      this.deadRuns = 0;
      this.fault = () => undefined;
      this.turn = () => undefined;
    };
  }

  certificate(id: string): FakeCertificate {
    const found = this.certificates.find((one) => one.id === id || one.arn === id);
    if (found === undefined) throw new ResourceNotFoundException(ANSWER);
    return found;
  }

  /** What AWS IoT does, by the names of its operations. */
  readonly #iot: Readonly<Record<string, (input: Input) => object | Promise<object>>> = {
    CreateCertificateFromCsr: async ({ certificateSigningRequest, setAsActive }) => {
      const made = new FakeCertificate(certificateSigningRequest);
      if (setAsActive) made.status = 'ACTIVE';
      const nth = (this.#issued.get(made.csr) ?? 0) + 1;
      this.#issued.set(made.csr, nth);
      made.pem = await issueOnce(made.csr, nth);
      this.certificates.push(made);
      return { certificateId: made.id, certificateArn: made.arn, certificatePem: made.pem };
    },
    DescribeCertificate: ({ certificateId }) => {
      const { arn, status, pem, created } = this.certificate(certificateId);
      const described = { certificateArn: arn, status, certificatePem: pem, creationDate: created };
      return { certificateDescription: { certificateId, ...described } };
    },
    UpdateCertificate: ({ certificateId, newStatus }) => {
      const certificate = this.certificate(certificateId);
      if (certificate.status === 'REVOKED') throw new CertificateStateException(ANSWER);
      certificate.status = newStatus;
      return {};
    },
    DeleteCertificate: ({ certificateId }) => {
      const certificate = this.certificate(certificateId);
      if (certificate.status === 'ACTIVE') throw new CertificateStateException(ANSWER);
      if (certificate.isAttached) throw new DeleteConflictException(ANSWER);
      return this.certificates.splice(this.certificates.indexOf(certificate), 1);
    },
    CreatePolicy: ({ policyName }) => this.policies.add(policyName),
    DeletePolicy: ({ policyName }) => {
      if (!this.policies.has(policyName)) throw new ResourceNotFoundException(ANSWER);
      if (this.certificates.some(({ policies }) => policies.has(policyName)) || this.policyLag-- > 0)
        throw new DeleteConflictException(ANSWER);
      this.policies.delete(policyName);
      return {};
    },
    DescribeThing: ({ thingName }) => {
      const { attributes, version } = this.described ?? this.#thing(thingName);
      return { attributes: { ...attributes }, version };
    },
    UpdateThing: ({ thingName, attributePayload, expectedVersion }) => {
      const thing = this.#thing(thingName);
      if (expectedVersion !== undefined && expectedVersion !== thing.version)
        throw new VersionConflictException(ANSWER);
      const changed = { ...(attributePayload.merge && thing.attributes), ...attributePayload.attributes };
      thing.attributes = Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== ''));
      thing.version++;
      return {};
    },
    DeleteThing: ({ thingName }) => {
      if (this.certificates.some(({ things }) => things.has(thingName))) throw new InvalidRequestException(ANSWER);
      return { existed: this.things.delete(thingName) };
    },
    ListThingPrincipals: ({ thingName }) => {
      this.#thing(thingName);
      return { principals: this.certificates.filter(({ things }) => things.has(thingName)).map(({ arn }) => arn) };
    },
    AttachPolicy: ({ target, policyName }) => {
      const { policies } = this.certificate(target);
      if (this.gone.has(policyName)) throw new ResourceNotFoundException(ANSWER);
      return policies.add(policyName);
    },
    AttachThingPrincipal: ({ principal, thingName, thingPrincipalType }) => {
      if (thingPrincipalType !== 'EXCLUSIVE_THING') throw new Error('others could be attached besides');
      return this.certificate(principal).things.add(thingName);
    },
    DetachPolicy: ({ target, policyName }) => {
      if (!this.certificate(target).policies.delete(policyName)) throw new ResourceNotFoundException(ANSWER);
      return this.#shown.set(`policy ${policyName}`, this.lag);
    },
    DetachThingPrincipal: ({ principal, thingName }) => {
      if (!this.certificate(principal).things.delete(thingName)) throw new ResourceNotFoundException(ANSWER);
      return this.#shown.set(`thing ${thingName}`, this.lag);
    },
    ListAttachedPolicies: ({ target }) => {
      return { policies: [...this.certificate(target).policies].map((policyName) => ({ policyName })) };
    },
    ListPrincipalThings: ({ principal }) => {
      return { things: [...this.certificate(principal).things, ...this.#stillShown('thing')] };
    },
    ListTargetsForPolicy: ({ policyName }) => {
      const targets = this.certificates.filter(({ policies }) => policies.has(policyName));
      const stale = this.#stillShown('policy').length > 0 ? this.certificates : [];
      return { targets: [...targets, ...stale].map(({ arn }) => arn) };
    },
  };

  #thing(name: string): { attributes: Record<string, string>; version: number } {
    const thing = this.things.get(name);
    if (thing === undefined) throw new ResourceNotFoundException(ANSWER);
    return thing;
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
