#pragma once

#include <stdint.h>

/// Who a board is, and where its broker is. Strings are kept as pointers.
struct FleetIdentity {
  const char* ssid;
  const char* password;
  const char* thingName;
  const char* host;
  uint16_t port;
  const char* roots;
  const char* certificate;
  const char* privateKey;
  /// Where it publishes that it has started.
  const char* startTopic;
  /// Where the broker publishes that it is gone.
  const char* goneTopic;
};

/// What stands in secrets.h, which a sketch includes before it uses this.
#define FLEET_IDENTITY                                                                                                 \
  FleetIdentity {                                                                                                      \
    WIFI_SSID, WIFI_PASSWORD, THING_NAME, AWS_IOT_ENDPOINT, AWS_IOT_PORT, AWS_CERT_CA, AWS_CERT_CRT, AWS_CERT_PRIVATE, \
        TELEMETRY_TOPIC "start", WILL_TOPIC "gone"                                                                     \
  }
