import type { Publication } from '../rules/rules-engine.ts';
import { presenceTopic } from '../presence.ts';
import type { Session } from './session.ts';

/**
 * The message that tells of a connection; undefined where AWS IoT sends none.
 *
 * @param disconnectReason why it ended. @default it begins
 */
export function presenceOf(session: Session, disconnectReason?: string): Publication | undefined {
  const { connect: { clientId = '' } = {}, certificate, id: sessionIdentifier, source, versionNumber } = session;
  // "Client IDs that contain # or + do not receive lifecycle events."
  if (/[#+]/.test(clientId)) return undefined;
  const eventType = disconnectReason === undefined ? 'connected' : 'disconnected';
  const event = {
    clientId,
    timestamp: Date.now(),
    eventType,
    ...(disconnectReason !== undefined && {
      clientInitiatedDisconnect: disconnectReason === 'CLIENT_INITIATED_DISCONNECT',
      disconnectReason,
    }),
    sessionIdentifier,
    principalIdentifier: certificate.id,
    ipAddress: source.ip,
    versionNumber,
  };
  return {
    topic: presenceTopic(eventType, clientId),
    payload: Buffer.from(JSON.stringify(event)),
    // What principal() is of such a message is not documented.
    clientId: undefined,
    principal: undefined,
  };
}
