/** A published message, as the rules engine sees it. */
export interface Message {
  /** The topic; with basic ingest without its `$aws/rules/<rule>/` prefix. */
  topic: string;
  payload: Uint8Array;
  /** The MQTT client id, `undefined` when the message did not come over MQTT. */
  clientId: string | undefined;
  /** What `principal()` answers: the certificate id of a device. */
  principal: string | undefined;
  accountId: string;
  /** What `timestamp()` answers, in milliseconds since 1970. */
  timestamp: number;
  /** What `traceid()` answers for a message that came over MQTT. */
  traceId: string;
}
