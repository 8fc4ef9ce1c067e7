/** An identity whose certificate is still to be made: stored first, so that every later attempt finds the same key. */
export interface PendingIdentity {
  readonly thingName: string;
  /** What the fleet file asked for, see specification.ts. */
  readonly spec: string;
  /** 1, 2, …: counts the identities of the device. */
  readonly serial: number;
  /** PKCS #8 in PEM. None when the device keeps its own key. */
  readonly privateKeyPem?: string;
}

/** All that a device needs to connect, apart from Amazon's root certificates. */
export interface Identity extends PendingIdentity {
  readonly certificateId: string;
  readonly certificateArn: string;
  readonly certificatePem: string;
  /** Host of the MQTT broker, with `:port` where that is not 8883. */
  readonly endpoint: string;
  /** The serial of the identity that a deployment put in this one's place and succeeded. */
  readonly replacedBy?: number;
}

export function isIssued(identity: Identity | PendingIdentity): identity is Identity {
  return 'certificateId' in identity;
}

/**
 * Whether no board can be using an identity beside the current one: it came later, and the deployment that made it never
 * got to its end.
 */
export function isUnused(identity: Identity, current: Identity | undefined): boolean {
  return current === undefined || (identity.serial >= current.serial && identity.serial !== current.replacedBy);
}

/** Higher than every serial that anything recorded knows of. */
export function nextSerial(...recorded: readonly (Identity | undefined)[]): number {
  return 1 + Math.max(0, ...recorded.flatMap((one) => [one?.serial ?? 0, one?.replacedBy ?? 0]));
}
