import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreateKeysAndCertificateCommand,
  CreatePolicyCommand,
  CreateThingCommand,
  DeleteCertificateCommand,
  DeleteConflictException,
  DeletePolicyCommand,
  DeleteThingCommand,
  DetachPolicyCommand,
  DetachThingPrincipalCommand,
  InvalidRequestException,
  ListTargetsForPolicyCommand,
  ListThingPrincipalsV2Command,
} from '@aws-sdk/client-iot';
import { DeleteParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { setTimeout } from 'node:timers/promises';
import { iot, ssm } from '../../aws/clients.ts';
import { type Answer, answered, measured } from './probe.ts';
import type { ScratchFleet } from './scratch-fleet.ts';

/** "Up to five minutes" (IoT API Reference, DetachPolicy), and one more. */
const MOST_SECONDS = 360;
const PAUSE_MS = 1_000;

/** How long after it was detached a policy, a thing and a certificate can be deleted, and whether lists say so before. */
export async function askDeletion({ probed }: Pick<ScratchFleet, 'probed'>, signal: AbortSignal): Promise<Answer[]> {
  const { thingName, policyName, certificateParameter } = probed;
  const policyDocument = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}';
  const { certificateArn: principal = '', certificateId = '' } = await iot.send(
    new CreateKeysAndCertificateCommand({}),
  );
  const recorded = { Name: certificateParameter, Type: 'String', Value: certificateId } as const;
  await ssm.send(new PutParameterCommand(recorded));
  await iot.send(new CreatePolicyCommand({ policyName, policyDocument }));
  await iot.send(new CreateThingCommand({ thingName }));
  await iot.send(new AttachPolicyCommand({ policyName, target: principal }));
  await iot.send(new AttachThingPrincipalCommand({ thingName, principal }));

  await iot.send(new DetachPolicyCommand({ policyName, target: principal }));
  await iot.send(new DetachThingPrincipalCommand({ thingName, principal }));
  const { targets = [] } = await iot.send(new ListTargetsForPolicyCommand({ policyName }));
  const { thingPrincipalObjects: listed = [] } = await iot.send(new ListThingPrincipalsV2Command({ thingName }));
  const until = (deletion: () => Promise<unknown>) => secondsUntil(deletion, signal);
  const [policy, thing, certificate] = await Promise.all([
    until(() => iot.send(new DeletePolicyCommand({ policyName }))),
    until(() => iot.send(new DeleteThingCommand({ thingName }))),
    until(() => iot.send(new DeleteCertificateCommand({ certificateId }))),
  ]);
  await ssm.send(new DeleteParameterCommand({ Name: recorded.Name }));
  const most = { most: MOST_SECONDS };
  const said = [
    measured('seconds from detach until DeletePolicy succeeds', most, policy, 's'),
    measured('seconds from detach until DeleteThing succeeds', most, thing, 's'),
    measured('seconds from detach until DeleteCertificate succeeds', most, certificate, 's'),
    answered({ question: 'ListTargetsForPolicy is empty at once', assumed: '0 targets' }, `${targets.length} targets`),
  ];
  // Where the detachment takes effect at once, there is nothing to be seen of it.
  if (thing === 0) return said;
  const open = { reading: 'detaching-thing', answers: { listed: 'listed', unlisted: 'unlisted' } } as const;
  const question = 'the lists show an attachment that is being detached';
  return [...said, answered({ question, assumed: 'listed', open }, listed.length > 0 ? 'listed' : 'unlisted')];
}

/** In whole seconds; 0 when it succeeds at once. @throws what is no refusal of something that is attached */
async function secondsUntil(deletion: () => Promise<unknown>, signal: AbortSignal): Promise<number> {
  for (const began = performance.now(); ;) {
    const seconds = Math.round((performance.now() - began) / 1_000);
    signal.throwIfAborted();
    try {
      await deletion();
      return seconds;
    } catch (error) {
      const isAttached = error instanceof DeleteConflictException || error instanceof InvalidRequestException;
      if (!isAttached || seconds > 2 * MOST_SECONDS) throw error;
    }
    await setTimeout(PAUSE_MS);
  }
}
