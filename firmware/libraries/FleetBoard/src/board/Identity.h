#pragma once

#include <Arduino.h>

/// Who a board is, and where its broker is. Strings are kept as pointers.
struct FleetSecrets {
  const char* ssid;
  const char* password;
  const char* thingName;
  const char* host;
  uint16_t port;
  const char* roots;
  const char* certificate;
  const char* privateKey;
  /// Where it publishes that it has started; null: nowhere.
  const char* startTopic;
  /// Where the broker publishes that it is gone; null: nowhere.
  const char* goneTopic;
  /// On an ESP8266, the certificate where it lies in flash that is no memory: then `certificate` is null.
  Stream* certificateStream;
};

/// The port of the broker: that of secrets.h, unless the sketch defines another one before it includes this. On 443 an
/// ESP32 gets through networks that let nothing else out.
#ifndef FLEET_PORT
#define FLEET_PORT AWS_IOT_PORT
#endif

/// What stands in secrets.h, which a sketch includes before it uses this.
#define FLEET_IDENTITY                                                                                               \
  FleetSecrets {                                                                                                     \
    WIFI_SSID, WIFI_PASSWORD, THING_NAME, AWS_IOT_ENDPOINT, FLEET_PORT, AWS_CERT_CA, AWS_CERT_CRT, AWS_CERT_PRIVATE, \
        TELEMETRY_TOPIC "start", WILL_TOPIC "gone", nullptr                                                          \
  }
