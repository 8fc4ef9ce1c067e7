/*
  An ESP8266 on AWS IoT Core: publishes a temperature every minute, and switches a relay when the cloud says so.

  Before you flash it:
    1. npx fleet secrets DEVICE        writes secrets.h beside this file
    2. in secrets.h, fill in WIFI_SSID and WIFI_PASSWORD

  Wiring: a TMP36 (10 mV per degree, 500 mV at 0 degrees) on A0, a relay on GPIO 5 (D1 of a NodeMCU or D1 mini).
*/

#include <ESP8266WiFi.h>
#include <FleetClock.h>
#include <FleetDevice.h>

#include "secrets.h"

#define FIRMWARE_VERSION "1.0.0"

#ifndef PUBLISH_EVERY_MS
#define PUBLISH_EVERY_MS 60000
#endif

const uint8_t RELAY_PIN = 5;

// ---------------------------------------------------------------------------------------------------------------- TLS

// An encrypted record of the broker has to fit into the receive buffer whole, and AWS IoT Core keeps the right to send
// 16 KB whatever a client asks for. What is sent is small, so 512 bytes do there. With these two, a verified handshake
// takes 32.5 KB of heap with an EC identity. A broker that honours a smaller fragment length (mosquitto does) lets you
// choose 512 here too, which saves 15.5 KB.
#ifndef TLS_RECEIVE_BYTES
#define TLS_RECEIVE_BYTES 16384
#endif
#ifndef TLS_SEND_BYTES
#define TLS_SEND_BYTES 512
#endif

// The client keeps pointers to all of these: they must live as long as it does.
BearSSL::X509List roots(AWS_CERT_CA);
BearSSL::X509List certificate(AWS_CERT_CRT);
BearSSL::PrivateKey privateKey(AWS_CERT_PRIVATE);
BearSSL::Session session;  // a reconnection that resumes it costs a seventieth of a full handshake

BearSSL::WiFiClientSecure net;
FleetClock fleetClock;  // TLS needs it: certificates have dates
FleetDevice device(net);

void setUpTls() {
  net.setTrustAnchors(&roots);
  if (privateKey.isEC()) {
    // AWS signs device certificates with RSA; the usage SIGN makes the type of the issuer's key of no account.
    net.setClientECCert(&certificate, &privateKey, BR_KEYTYPE_SIGN, BR_KEYTYPE_RSA);
  } else {
    net.setClientRSACert(&certificate, &privateKey);
  }
  net.setBufferSizes(TLS_RECEIVE_BYTES, TLS_SEND_BYTES);
  net.setSession(&session);
}

// ------------------------------------------------------------------------------------------------- what may go wrong

volatile uint8_t wifiReason = 0;
WiFiEventHandler wifiDropped;

FleetFailure whatIsMissing() {
  return WiFi.status() == WL_CONNECTED ? fleetClock.missing() : wifiFailure(wifiReason);
}

FleetFailure whyNoConnection() {
  IPAddress address;
  if (!WiFi.hostByName(AWS_IOT_ENDPOINT, address)) return dnsFailure();
  char words[32];
  const int error = net.getLastSSLError(words, sizeof(words));
  if (error == BR_ERR_X509_EXPIRED && !fleetClock.known()) return clockFailure();
  if (error == 0 && !WiFiClient().connect(address, AWS_IOT_PORT)) return tcpFailure();
  return bearSslFailure(error, words);
}

void say(const FleetFailure& failure) {
  Serial.print(failure);
  Serial.printf_P(PSTR(" [%u bytes of heap]\n"), static_cast<unsigned>(ESP.getFreeHeap()));
}

// ------------------------------------------------------------------------------------------- readings and commands

uint32_t heapFloor = UINT32_MAX;

float temperature() {
  return analogRead(A0) * (3300.0f / 1023) / 10 - 50;
}

void publishReading() {
  char json[64];
  snprintf(json, sizeof(json), "{\"temperature\":%.1f}", temperature());
  device.publish(TELEMETRY_TOPIC "telemetry", json);
}

// Once after each start: what runs, why it started, and the least heap there was between two rounds of loop().
bool publishStart() {
  char json[128];
  snprintf(json, sizeof(json), "{\"firmware\":\"" FIRMWARE_VERSION "\",\"reset\":\"%s\",\"heapFloor\":%u}",
           ESP.getResetReason().c_str(), static_cast<unsigned>(heapFloor));
  return device.publish(TELEMETRY_TOPIC "start", json);
}

void obey(const char* topic, const char* payload, size_t length) {
  bool on;
  if (!fleetJsonBool(payload, length, "relay", on)) {
    Serial.printf_P(PSTR("%s: no command I know\n"), topic);
    return;
  }
  digitalWrite(RELAY_PIN, on ? HIGH : LOW);
  Serial.printf_P(PSTR("relay %s\n"), on ? "on" : "off");
}

void setup() {
  Serial.begin(115200);
  pinMode(RELAY_PIN, OUTPUT);
  pinMode(LED_BUILTIN, OUTPUT);

  wifiDropped =
      WiFi.onStationModeDisconnected([](const WiFiEventStationModeDisconnected& event) { wifiReason = event.reason; });
  WiFi.persistent(false);  // the password is in the firmware already; flash need not hold it twice
  WiFi.mode(WIFI_STA);
  WiFi.setAutoReconnect(true);
  WiFi.begin(WIFI_SSID, WIFI_PASSWORD);

  fleetClock.begin();
  setUpTls();

  device.setPrecondition(whatIsMissing);
  device.setDiagnosis(whyNoConnection);
  device.onFailure(say);
  device.onLed([](bool on) { digitalWrite(LED_BUILTIN, on ? LOW : HIGH); });  // this LED shines when its pin is low
  device.onCommand(COMMAND_TOPIC "#", obey);
  device.setWill(WILL_TOPIC "gone", "{\"connected\":false}");
  device.begin(AWS_IOT_ENDPOINT, AWS_IOT_PORT, THING_NAME);
}

void loop() {
  device.loop();
  fleetClock.loop();
  if (ESP.getFreeHeap() < heapFloor) heapFloor = ESP.getFreeHeap();

  static bool startPublished = false;
  if (!startPublished && device.connected()) startPublished = publishStart();

  static uint32_t publishedAt = millis() - PUBLISH_EVERY_MS;
  if (millis() - publishedAt >= PUBLISH_EVERY_MS) {
    publishedAt = millis();
    publishReading();
  }
}
