/** What the page and its server say to each other. Only types: the page's code and the server's both know them. */

/** A device as fleet file and cloud have it. */
export interface DeviceView {
  readonly device: string;
  readonly site: string;
  readonly board?: string;
  /** What is sent to it lies below this topic. */
  readonly commandTopic: string;
  /** What the fleet file says. */
  readonly revoked: boolean;
  readonly deployed: boolean;
  /** The newest first; none where the cloud does not tell. */
  readonly certificates?: readonly CertificateView[];
  /** None where the cloud does not tell. */
  readonly connected?: boolean;
  /** How its last session ended, where AWS IoT still knows: for half an hour. */
  readonly disconnected?: Disconnection;
  /** When its newest message arrived, in milliseconds since 1970. */
  readonly lastSeen?: number;
  readonly newest?: Message;
  /** Where file and cloud differ, and what settles it: a line each. */
  readonly disagreements: readonly string[];
}

export interface CertificateView {
  readonly id: string;
  /** ACTIVE, INACTIVE, REVOKED, … */
  readonly status: string;
  /** Milliseconds since 1970, both. */
  readonly created?: number;
  readonly expires?: number;
}

export interface Disconnection {
  /** Milliseconds since 1970. */
  readonly since: number;
  /** AWS IoT's word for it, such as AUTH_ERROR. */
  readonly reason?: string;
}

/** A message of the time-series. */
export interface Message {
  readonly device: string;
  /** With the device, the key of its row. */
  readonly arrival: string;
  /** When it arrived, in milliseconds since 1970. */
  readonly received: number;
  /** When its reading was taken, where the device told. */
  readonly measured?: number;
  readonly topic?: string;
  /** What it says, as JSON, as much as a line takes. */
  readonly text: string;
  /** What of it can be a curve. */
  readonly values: readonly Value[];
}

/** A field, by its path such as `wind.speed`, and what it held. */
export type Value = readonly [field: string, value: number | boolean];

/** One message, in full. */
export interface MessageDetails {
  /** What the device sent, as text; as hexadecimal digits where it is none. */
  readonly payload: string;
  /** What is to be known about that. */
  readonly remark?: string;
  /** The row: column, its DynamoDB type such as N, and its value as JSON. */
  readonly columns: readonly (readonly [column: string, type: string, value: string])[];
}

/** Curves of a span of time. */
export interface Curves {
  readonly fields: readonly Curve[];
  /** How many fields there are beside these. */
  readonly left: number;
  /** When the newest of the messages arrived that did so within the span, in milliseconds since 1970; 0 when none did. */
  readonly newest: number;
  /** When the reading of the device's first message was taken, whatever the span, in milliseconds since 1970. */
  readonly first?: number;
  /** Where the span holds more rows than are read: the time of the oldest that was. */
  readonly cutAt?: number;
}

export interface Curve {
  readonly field: string;
  /** Milliseconds since 1970, the earliest first. */
  readonly times: readonly number[];
  readonly values: readonly number[];
  /** Whether all of them were false or true, which are 0 and 1 here. */
  readonly isBoolean: boolean;
}

/** What the cloud tells, or why it does not. */
export type Known<T> = { readonly value: T } | { readonly unknown: string };

export interface AlarmView {
  readonly name: string;
  /** OK, ALARM or INSUFFICIENT_DATA. */
  readonly state: string;
  /** What it means, and what to do. */
  readonly description: string;
  /** When the state changed, in milliseconds since 1970. */
  readonly since?: number;
}

/** Something the broker did not allow. */
export interface Denial {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Such as Publish-In. */
  readonly what: string;
  readonly client?: string;
  /** The id of the certificate that it presented. */
  readonly certificate?: string;
  readonly topic?: string;
  readonly why: string;
}

export interface DeadLetterView {
  readonly topic?: string;
  readonly rule?: string;
  /** When it reached the queue, in milliseconds since 1970. */
  readonly arrived?: number;
  readonly payload: string;
}

/** The state of the cloud beside its devices. */
export interface CloudWatchView {
  readonly alarms: Known<readonly AlarmView[]>;
  /** How many messages wait. */
  readonly deadLetters: Known<number>;
  /** Of the last hours, the newest first. */
  readonly denials: Known<readonly Denial[]>;
}

/** What the server tells without being asked. */
export type ServerEvent =
  /** With a sentence on the devices that are left out, if there are any. */
  | {
      readonly type: 'fleet';
      readonly cloud: string;
      readonly devices: readonly DeviceView[];
      readonly leftOut?: string;
    }
  | { readonly type: 'messages'; readonly messages: readonly Message[] }
  | ({ readonly type: 'watch' } & CloudWatchView)
  /** A line each; none while all is well. */
  | { readonly type: 'problems'; readonly problems: readonly string[] };

export interface RevocationPlan {
  /** Where: account and region, or that it is the local cloud. */
  readonly cloud: string;
  readonly plan: readonly string[];
}

export interface RevocationRequest {
  readonly device: string;
  /** The device's name, as a person typed it. */
  readonly confirm: string;
}

export interface RevocationDone {
  readonly steps: readonly string[];
}

export interface CommandRequest {
  readonly device: string;
  /** Of the topic, below `cmd/rtjm/<device>/`. */
  readonly levels: string;
  /** JSON. */
  readonly payload: string;
}

export interface CommandDone {
  readonly topic: string;
  readonly fate: 'sent' | 'kept' | 'dropped' | 'unknown';
  readonly text: string;
}

/** Any answer that is not the one that was asked for. */
export interface Failure {
  readonly error: string;
}
