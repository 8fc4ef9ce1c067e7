/*
  FleetDevice by itself, for who wants Wi-Fi and TLS in the sketch (else FleetBoard has them): publishes how long it has
  been up, and prints what goes wrong. For ESP8266 and ESP32.

  Needs a secrets.h beside it: bin/fleet secrets DEVICE --out secrets.h
*/
#include <FleetDevice.h>
#ifdef ESP8266
#include <ESP8266WiFi.h>
#include <FleetClock.h>
#else
#include <WiFi.h>
#include <WiFiClientSecure.h>
#endif

#include "secrets.h"

#ifdef ESP8266
BearSSL::X509List roots(AWS_CERT_CA), certificate(AWS_CERT_CRT);  // the client keeps pointers to all of these
BearSSL::PrivateKey privateKey(AWS_CERT_PRIVATE);
BearSSL::WiFiClientSecure net;
FleetClock fleetClock;  // TLS needs it: certificates have dates
#else
WiFiClientSecure net;
#endif
FleetDevice device(net);

FleetFailure whatIsMissing() {
  if (WiFi.status() != WL_CONNECTED) return fleetWifiFailure(0);
#ifdef ESP8266
  return fleetClock.missing();
#else
  return FleetFailure();
#endif
}

FleetFailure whyNoConnection() {
  IPAddress address;
  if (!WiFi.hostByName(AWS_IOT_ENDPOINT, address)) return fleetDnsFailure();
  char words[80];
#ifdef ESP8266
  const int error = net.getLastSSLError(words, sizeof(words));
  return fleetBearSslFailure(error, words);
#else
  return fleetMbedTlsFailure(net.lastError(words, sizeof(words)));
#endif
}

void setup() {
  Serial.begin(115200);
  WiFi.begin(WIFI_SSID, WIFI_PASSWORD);
#ifdef ESP8266
  fleetClock.begin();
  net.setTrustAnchors(&roots);
  if (privateKey.isEC()) {
    net.setClientECCert(&certificate, &privateKey, BR_KEYTYPE_SIGN, BR_KEYTYPE_RSA);
  } else {
    net.setClientRSACert(&certificate, &privateKey);
  }
#else
  net.setCACert(AWS_CERT_CA);
  net.setCertificate(AWS_CERT_CRT);
  net.setPrivateKey(AWS_CERT_PRIVATE);
#endif

  device.setPrecondition(whatIsMissing);
  device.setDiagnosis(whyNoConnection);
  device.onFailure([](const FleetFailure& failure) { Serial.println(failure); });
  device.begin(AWS_IOT_ENDPOINT, AWS_IOT_PORT, THING_NAME);
}

void loop() {
  device.loop();
#ifdef ESP8266
  fleetClock.loop();
#endif

  static uint32_t publishedAt = 0;
  if (millis() - publishedAt < 60000) return;
  publishedAt = millis();
  char json[32];
  snprintf(json, sizeof(json), "{\"uptime\":%lu}", static_cast<unsigned long>(millis() / 1000));
  device.publish(TELEMETRY_TOPIC "telemetry", json);
}
