/** What AWS IoT asks before it runs the template (Developer Guide, "Pre-provisioning hooks"). */
export interface HookEvent {
  /** Of the certificate by which whoever asks is connected: the claim, or an identity of a device. */
  readonly claimCertificateId: string;
  /** Of the new certificate. */
  readonly certificateId: string;
  readonly certificatePem: string;
  readonly clientId: string;
  readonly parameters?: Readonly<Record<string, string>>;
}
