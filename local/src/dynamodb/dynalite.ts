import { createRequire } from 'node:module';
import { setTimeout } from 'node:timers/promises';
import type { DescribeTableOutput, PutItemInput, PutItemOutput, TableDescription } from '@aws-sdk/client-dynamodb';
import { AwsError, NotImplementedError } from '../errors.ts';
import type { Account } from '../service.ts';
import { fromDynalite, isScalar, toDynalite, withDynaliteNames } from './attribute-values.ts';
import type { DynaliteError, Store } from './dynalite-store.ts';
import { PlainPuts, type Put, isPlain } from './plain-puts.ts';

// dynalite is a server, but its parts are modules that need none: an action is a function of store, input and callback, and
// beside it stands what the server checks before. Called in this process they cost no second HTTP request per item.
type Callback = (error: DynaliteError | null, output?: unknown) => void;
type Action = (store: Store, input: unknown, callback: Callback) => void;

/** A member of an input, as dynalite describes it. */
interface MemberType {
  readonly type: string;
  readonly children?: MemberType | Record<string, MemberType> | string;
}
type MemberTypes = Record<string, MemberType>;

interface Validation {
  readonly types: MemberTypes;
  readonly custom?: unknown;
}

interface Validations {
  checkTypes(input: object, types: MemberTypes): object;
  checkValidations(input: object, types: Partial<MemberTypes>, custom: unknown, store: Store): void;
}

const require = createRequire(import.meta.url);
const database = require('dynalite/db') as { create(options: object): Store };
const validations = require('dynalite/validations') as Validations;

/** Whether a plain put is just as the SDK types it, and the attributes of its item are scalars: most are. */
const isTyped = ({ TableName, Item }: PutItemInput): boolean =>
  typeof TableName === 'string' && !!Item && !Array.isArray(Item) && Object.values(Item).every(isScalar);

/** How dynalite calls an operation, and what it checks: found once, since to find a module takes longer than to check. */
const known = new Map<string, Validation & { readonly name: string }>();
function validationOf(operation: string): Validation & { readonly name: string } {
  let found = known.get(operation);
  if (!found) {
    const name = operation.charAt(0).toLowerCase() + operation.slice(1);
    found = { name, ...(require(`dynalite/validations/${name}`) as Validation) };
    known.set(operation, found);
  }
  return found;
}

/** The items and tables of DynamoDB: in a folder, where they survive a kill of this process, or in memory. */
export class Dynalite {
  readonly #store: Store;
  readonly #puts: PlainPuts;
  #underWay = 0;
  /** To be called once nothing is under way any more: it closes. */
  #close: (() => void) | undefined;

  constructor(account: Account, folder: string | undefined) {
    // Undocumented beside these options: without a path it keeps everything in memory.
    this.#store = database.create({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0, path: folder });
    this.#store.tableDb.awsAccountId = account.id;
    this.#store.tableDb.awsRegion = account.region;
    this.#puts = new PlainPuts(this.#store, (put) => this.#act('putItem', put) as Promise<PutItemOutput>);
  }

  /** Runs an operation on the SDK's shapes. Throws AwsError; members that dynalite would read over are refused by name. */
  async run<O>(operation: string, input: object): Promise<O> {
    if (this.#close) throw new AwsError('ServiceUnavailable', 'the local cloud ends', 503);
    const { name, types, custom } = validationOf(operation);
    this.#underWay++;
    try {
      if (operation === 'PutItem' && isPlain(input)) return (await this.#put(input)) as O;
      refuseUnknown(input, types, `dynamodb:${operation}`);
      const checked = validations.checkTypes(toDynalite(withDynaliteNames(input)) as object, types);
      validations.checkValidations(checked, types, custom, this.#store);
      return fromDynalite(await this.#act(name, checked)) as O;
    } catch (error) {
      throw asAwsError(error as DynaliteError);
    } finally {
      this.#underWay--;
      this.#ended();
    }
  }

  #ended(): void {
    if (this.#underWay === 0) this.#close?.();
  }

  /** What takes long and cannot find anything is left out. */
  #put(input: PutItemInput): Promise<PutItemOutput> {
    const { types, custom } = validationOf('PutItem');
    const converted = toDynalite(input) as object;
    const typed = isTyped(input);
    const checked = typed ? converted : validations.checkTypes(converted, types);
    validations.checkValidations(checked, typed ? { TableName: types.TableName } : types, custom, this.#store);
    return this.#puts.put(checked as Put);
  }

  #act(name: string, input: object): Promise<unknown> {
    const action = require(`dynalite/actions/${name}`) as Action;
    return new Promise((resolve, reject) => {
      action(this.#store, input, (error, result) => (error ? reject(error) : resolve(result)));
    });
  }

  /** Waits the few milliseconds until dynalite, which changes tables behind the answer, has made, changed or deleted one. */
  async settled(TableName: string): Promise<TableDescription | undefined> {
    for (;;) {
      const Table = await this.#describe(TableName);
      if (!Table || Table.TableStatus === 'ACTIVE') return Table;
      await setTimeout(1);
    }
  }

  async #describe(TableName: string): Promise<TableDescription | undefined> {
    try {
      return (await this.run<DescribeTableOutput>('DescribeTable', { TableName })).Table;
    } catch (error) {
      if (error instanceof AwsError && error.code === 'ResourceNotFoundException') return undefined;
      throw error;
    }
  }

  /** Once what is under way is answered: dynalite throws, where nobody can catch it, when its database closes meanwhile. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#close = resolve;
      this.#ended();
    });
    await new Promise<void>((resolve, reject) => {
      this.#store.db.close((error) => (error ? reject(error) : resolve()));
    });
  }
}

function asAwsError(error: DynaliteError): Error {
  if (!error.body || error.statusCode === undefined) return error;
  const code = error.body.__type.split('#').at(-1) ?? '';
  return new AwsError(code, error.body.message ?? error.body.Message ?? code, error.statusCode);
}

/** dynalite drops the members of structures that it does not know. What an item holds is left to it. */
function refuseUnknown(value: unknown, types: MemberTypes, where: string): void {
  for (const [member, inner] of Object.entries(value as object)) {
    if (inner === undefined) continue;
    const type = types[member];
    if (!type) throw new NotImplementedError(`${member} of ${where}`);
    refuseUnknownIn(inner, type, `${where}, ${member}`);
  }
}

function refuseUnknownIn(value: unknown, { type, children }: MemberType, where: string): void {
  if (typeof children !== 'object' || type.includes('Attr')) return;
  if (/^(?:Field|Value)Struct/.test(type)) refuseUnknown(value, children as MemberTypes, where);
  else for (const inner of Object.values(value as object)) refuseUnknownIn(inner, children as MemberType, where);
}
