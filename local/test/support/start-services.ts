import type { AddressInfo } from 'node:net';
import { MetricStore } from '../../src/cloudwatch/metric-store.ts';
import { Dispatcher } from '../../src/dispatcher.ts';
import { iamService } from '../../src/iam/iam-service.ts';
import { IamStore } from '../../src/iam/iam-store.ts';
import { memoryLog } from '../../src/log.ts';
import { type Pace, quickPace } from '../../src/pace/pace.ts';
import { DEFAULT_READINGS, type Readings } from '../../src/readings.ts';
import type { Account, Service } from '../../src/service.ts';
import { State } from '../../src/state/state.ts';
import { Sessions } from '../../src/sts/sessions.ts';
import { type Extra, createHttpServer } from '../../src/wire/http-server.ts';

const account: Account = { id: '000000000000', region: 'us-east-1' };

/** What a service's factory may ask for. */
export interface Parts {
  readonly state: State;
  readonly account: Account;
  readonly iam: IamStore;
  readonly sessions: Sessions;
  readonly dispatcher: Dispatcher;
  readonly metrics: MetricStore;
  readonly log: ReturnType<typeof memoryLog>;
  readonly readings: Readings;
  readonly pace: Pace;
  readonly endpoint: () => string;
}

/** A statement of a role's policy. */
export interface Statement {
  readonly Effect?: 'Allow' | 'Deny';
  readonly Action: string | string[];
  readonly Resource: string | string[];
  readonly Condition?: object;
}

/** What an SDK client takes to call the services under test as somebody. */
export interface ClientOptions {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  readonly maxAttempts: number;
}

export interface Services extends Parts {
  /** As the account's administrator. */
  readonly operator: ClientOptions;
  /** As a session of a new role that has these statements. It trusts the account and the services named. */
  role(name: string, statements: readonly Statement[], trusted?: readonly string[]): Promise<ClientOptions>;
  close(): Promise<void>;
}

/**
 * Starts IAM and the services that `make` gives, behind the real HTTP server on a free port.
 *
 * @param extras what the server answers beside AWS's APIs; `make` may still add to it
 * @param chosen what AWS leaves open, where it is not the default
 */
export async function startServices(
  make: (parts: Parts) => readonly Service[],
  folder?: string,
  extras: readonly Extra[] = [],
  chosen: Partial<Readings> = {},
): Promise<Services> {
  const state = await State.open(folder);
  const log = memoryLog();
  const iam = new IamStore(state, account);
  const sessions = new Sessions(state, iam);
  const dispatcher = new Dispatcher(account, log);
  let endpoint = '';
  const metrics = new MetricStore(state);
  const readings = { ...DEFAULT_READINGS, ...chosen };
  const parts: Parts = {
    state,
    account,
    iam,
    sessions,
    dispatcher,
    metrics,
    log,
    readings,
    pace: quickPace(),
    endpoint: () => endpoint,
  };
  for (const service of [iamService(iam), ...make(parts)]) dispatcher.register(service);
  const server = createHttpServer({ dispatcher, credentials: sessions, log, durable: () => state.flush(), extras });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const options = (credentials: ClientOptions['credentials']): ClientOptions => ({
    endpoint,
    region: account.region,
    credentials,
    maxAttempts: 1,
  });
  return {
    ...parts,
    operator: options(sessions.operator),
    async role(name, statements, trusted = []) {
      const trust = [{ AWS: account.id }, ...trusted.map((Service) => ({ Service }))];
      const document = (list: readonly object[]): string =>
        JSON.stringify({ Version: '2012-10-17', Statement: list.map((item) => ({ Effect: 'Allow', ...item })) });
      const iamCall = (operation: string, input: object): Promise<unknown> =>
        dispatcher.invoke(iam.operator(), 'iam', operation, { RoleName: name, ...input });
      await iamCall('CreateRole', {
        AssumeRolePolicyDocument: document(trust.map((Principal) => ({ Principal, Action: 'sts:AssumeRole' }))),
      });
      if (statements.length > 0)
        await iamCall('PutRolePolicy', { PolicyName: 'test', PolicyDocument: document(statements) });
      const session = sessions.open(iam.role(name), 'test', 3600);
      return options({
        accessKeyId: session.AccessKeyId,
        secretAccessKey: session.SecretAccessKey,
        sessionToken: session.SessionToken,
      });
    },
    async close() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      metrics.close();
      await state.close();
    },
  };
}
