import { AwsError } from '../../errors.ts';
import type { Readings } from '../../readings.ts';
import type { Account, Input, OperationName, Output, Sdks } from '../../service.ts';
import type { Properties } from '../template/value.ts';
import type { NameForm } from './physical-name.ts';

/** Calls an operation of a service as the principal that the stack works as: IAM is asked as in AWS. */
export type Invoke = <Service extends keyof Sdks, Name extends OperationName<Sdks[Service]>>(
  service: Service,
  operation: Name,
  input: Input<Sdks[Service], Name>,
) => Promise<Output<Sdks[Service], Name>>;

/** What Ref and Fn::GetAtt can give, by AWS's names. */
export type Attributes = Readonly<Record<string, string>>;

interface Request<P> extends Account {
  /** As AWS's data types them. */
  readonly properties: P;
  readonly invoke: Invoke;
  /** What is assumed where AWS's documents leave it open. */
  readonly readings: Readings;
}

export interface CreateRequest<P> extends Request<P> {
  /** A name for what the template gives none: `<stack><separator><logical id><separator><random>`, cut to `max` characters. */
  readonly name: (form: NameForm) => string;
  /** To be called as soon as the resource exists, so that it is deleted again when a later step fails. */
  readonly created: <A extends Attributes>(attributes: A) => A;
}

export interface UpdateRequest<P> extends Request<P> {
  readonly old: P;
  readonly attributes: Attributes;
}

export interface DeleteRequest<P> extends Request<P> {
  readonly attributes: Attributes;
}

export interface FindRequest extends Account {
  /** The properties that identify it, by AWS's data. */
  readonly identifier: Attributes;
  readonly invoke: Invoke;
}

/** How one resource type is made, changed and deleted. What replaces it, AWS's data says. */
export interface ResourceProvider<P = Properties> {
  /** The properties that are honoured; a template with another one fails. */
  readonly properties: readonly (keyof P & string)[];
  /** Its attributes hold those that Ref gives, too. */
  create(request: CreateRequest<P>): Promise<Attributes>;
  /** Absent where every property that is honoured replaces the resource. @returns its attributes where they change */
  update?(request: UpdateRequest<P>): Promise<Attributes | void>;
  /** Finds what is there, for an import; undefined when nothing is. Absent where the type cannot be imported here. */
  find?(request: FindRequest): Promise<Attributes | undefined>;
  /** Succeeds for what is gone already. */
  delete(request: DeleteRequest<P>): Promise<void>;
}

/** Types a provider by the properties it reads, which have been checked against AWS's data before it sees them. */
export const provider = <P>(definition: ResourceProvider<P>): ResourceProvider =>
  definition as unknown as ResourceProvider;

/** Swallows the error that says the thing is gone already. */
export async function unlessGone(deletion: Promise<unknown>, ...codes: readonly string[]): Promise<void> {
  await ifThere(deletion, ...codes);
}

/**
 * Throws AlreadyExists when the description finds something. Where a service takes what is there for what it is to make, its
 * deletion would come with the stack's.
 */
export async function refuseExisting(
  type: string,
  identifier: string,
  description: Promise<unknown>,
  ...gone: readonly string[]
): Promise<void> {
  if ((await ifThere(description, ...gone)) !== undefined)
    throw new AwsError('AlreadyExists', `Resource of type '${type}' with identifier '${identifier}' already exists.`);
}

/** The text of a policy or of another JSON document, which a template may give as text or as an object. */
export const jsonText = (document: object | string): string =>
  typeof document === 'string' ? document : JSON.stringify(document);

/** What a description says, or undefined when the error says that there is nothing to describe. */
export async function ifThere<Answer>(
  description: Promise<Answer>,
  ...gone: readonly string[]
): Promise<Answer | undefined> {
  try {
    return await description;
  } catch (error) {
    if (error instanceof AwsError && gone.includes(error.code)) return undefined;
    throw error;
  }
}

/** Those of the properties that are given, of these names. */
export const pick = <P extends object, Name extends keyof P>(properties: P, names: readonly Name[]): Pick<P, Name> =>
  Object.fromEntries(names.filter((name) => name in properties).map((name) => [name, properties[name]])) as Pick<
    P,
    Name
  >;
