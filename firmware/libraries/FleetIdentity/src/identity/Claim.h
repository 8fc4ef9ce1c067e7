#pragma once

/**
 * What all boards of a fleet have in common: enough to ask for an identity, and for nothing else. Strings are kept as
 * pointers.
 */
struct FleetClaim {
  const char* roots;
  const char* certificate;
  const char* privateKey;
  /// Client ids of boards that ask begin so.
  const char* clientId;
  /// Where a certificate is asked for, and where what goes with it; answers come below that.
  const char* certificateTopic;
  const char* provisioningTopic;
  /// The name of a thing begins so, and goes on with that of its device.
  const char* thingPrefix;
  /// Likewise its topics.
  const char* telemetryRoot;
  const char* willRoot;
  const char* commandRoot;
};

/// What stands in claim.h, which a sketch includes before it uses this.
#define FLEET_CLAIM                                                                                          \
  FleetClaim {                                                                                               \
    AWS_CERT_CA, CLAIM_CERT_CRT, CLAIM_CERT_PRIVATE, CLAIM_CLIENT_ID, CERTIFICATE_TOPIC, PROVISIONING_TOPIC, \
        THING_PREFIX, TELEMETRY_ROOT, WILL_ROOT, COMMAND_ROOT                                                \
  }
