import { element, setText } from './dom.ts';
import type { DeviceView } from './wire.ts';

/** In one word how a device is. */
export interface State {
  readonly kind: 'good' | 'idle' | 'bad';
  readonly text: string;
}

export function stateOf({ revoked, deployed, connected, certificates = [] }: DeviceView): State {
  const isRevoked = revoked || (certificates.length > 0 && certificates.every(({ status }) => status === 'REVOKED'));
  if (isRevoked && !connected) return { kind: 'bad', text: 'revoked' };
  if (!deployed) return { kind: 'idle', text: 'not deployed' };
  if (connected === undefined) return { kind: 'idle', text: 'connection unknown' };
  return connected ? { kind: 'good', text: 'connected' } : { kind: 'idle', text: 'not connected' };
}

/** Shows a state by word, colour and shape. */
export class Chip {
  readonly element = element('span.chip');

  show({ kind, text }: State): void {
    this.element.dataset.kind = kind;
    setText(this.element, text);
  }
}

/** AWS IoT's words for how a session ended (Developer Guide, "Lifecycle events", connect/disconnect events). */
const REASONS: Readonly<Record<string, string>> = {
  AUTH_ERROR: 'the broker did not let it in, or did not allow what it did',
  CLIENT_ERROR: 'it broke the rules of MQTT, or a limit',
  CLIENT_INITIATED_DISCONNECT: 'it left by itself',
  CONNECTION_LOST: 'the network connection broke off',
  DUPLICATE_CLIENTID: 'another client connected with its client id',
  FORBIDDEN_ACCESS: 'the broker did not allow what it did',
  MQTT_KEEP_ALIVE_TIMEOUT: 'it sent nothing for longer than its keep-alive allows',
  API_INITIATED_DISCONNECT: 'somebody ended the session',
  SERVER_ERROR: 'AWS IoT failed',
  SERVER_INITIATED_DISCONNECT: 'AWS IoT ended the session',
  THROTTLED: 'it sent more than AWS IoT takes',
};

export function reasonText(reason: string | undefined): string {
  if (reason === undefined) return 'AWS IoT does not say why';
  const meaning = REASONS[reason];
  return meaning === undefined ? reason : `${meaning} (${reason})`;
}

/** Whether a session ended because something was not allowed. */
export function isDenial(reason: string | undefined): boolean {
  return reason === 'AUTH_ERROR' || reason === 'FORBIDDEN_ACCESS';
}
