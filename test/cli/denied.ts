import type { AwsStub } from 'aws-sdk-client-mock';
import type { MetadataBearer } from '@smithy/types';

/* Every call of a verb refused in turn, by doubles of the SDK's clients. */

// The library's own type differs from service to service.
type Stub = Pick<AwsStub<object, MetadataBearer, unknown>, 'calls' | 'on'>;

/** A call that was made: of which IAM action, and how to refuse it from now on. */
export interface Call {
  readonly action: string;
  readonly deny: () => void;
}

/** The services by IAM's prefix. */
export type Services = readonly (readonly [prefix: string, client: unknown])[];

/** Each operation that was called, once. */
export function callsOf(services: Services): Call[] {
  const found = new Map<string, Call>();
  for (const [prefix, client] of services) {
    const stub = client as Stub;
    for (const { args } of stub.calls()) {
      const Command = args[0].constructor;
      const action = `${prefix}:${Command.name.replace(/Command$/, '')}`;
      found.set(action, { action, deny: () => void stub.on(Command as never).rejects(denied(action)) });
    }
  }
  return [...found.values()];
}

/** As most services word it. */
function denied(action: string): Error {
  const who = 'User: arn:aws:iam::111122223333:user/ci';
  return Object.assign(new Error(`${who} is not authorized to perform: ${action} on resource: x`), {
    name: 'AccessDeniedException',
  });
}
