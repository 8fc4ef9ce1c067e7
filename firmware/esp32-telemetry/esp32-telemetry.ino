/*
  An ESP32 on AWS IoT Core: publishes a temperature every minute, and switches a relay when the cloud says so.

  Before you flash it:
    1. npx fleet secrets DEVICE        writes secrets.h beside this file
    2. in secrets.h, fill in WIFI_SSID and WIFI_PASSWORD

  Wiring: a TMP36 (10 mV per degree, 500 mV at 0 degrees) on GPIO 34, a relay on GPIO 26, an LED on GPIO 2.
*/

#include <FleetDevice.h>
#include <WiFi.h>
#include <WiFiClientSecure.h>
#include <esp_system.h>

#include "secrets.h"

#define FIRMWARE_VERSION "1.0.0"

#ifndef PUBLISH_EVERY_MS
#define PUBLISH_EVERY_MS 60000
#endif

const uint8_t RELAY_PIN = 26;
const uint8_t SENSOR_PIN = 34;
const uint8_t LED_PIN = 2;

// mbedTLS, as the Arduino core builds it, leaves the dates of certificates alone (MBEDTLS_HAVE_TIME_DATE is off), so
// this sketch needs no clock; an expired certificate of the broker goes unnoticed. Its chain and its host name are
// verified in every connection.
WiFiClientSecure net;
FleetDevice device(net);

// ------------------------------------------------------------------------------------------------- what may go wrong

volatile uint8_t wifiReason = 0;

FleetFailure whatIsMissing() {
  return WiFi.status() == WL_CONNECTED ? FleetFailure() : wifiFailure(wifiReason);
}

FleetFailure whyNoConnection() {
  IPAddress address;
  if (!WiFi.hostByName(AWS_IOT_ENDPOINT, address)) return dnsFailure();
  char words[80];
  return mbedTlsFailure(net.lastError(words, sizeof(words)));
}

void say(const FleetFailure& failure) {
  Serial.print(failure);
  Serial.printf(" [%u bytes of heap]\n", static_cast<unsigned>(ESP.getFreeHeap()));
}

// ------------------------------------------------------------------------------------------- readings and commands

float temperature() {
  return analogReadMilliVolts(SENSOR_PIN) / 10.0f - 50;
}

void publishReading() {
  char json[64];
  snprintf(json, sizeof(json), "{\"temperature\":%.1f}", temperature());
  device.publish(TELEMETRY_TOPIC "telemetry", json);
}

// Once after each start: what runs, why it started (the numbers of esp_reset_reason_t), and the least heap there was.
bool publishStart() {
  char json[128];
  snprintf(json, sizeof(json), "{\"firmware\":\"" FIRMWARE_VERSION "\",\"reset\":%d,\"heapFloor\":%u}",
           static_cast<int>(esp_reset_reason()), static_cast<unsigned>(ESP.getMinFreeHeap()));
  return device.publish(TELEMETRY_TOPIC "start", json);
}

void obey(const char* topic, const char* payload, size_t length) {
  bool on;
  if (!fleetJsonBool(payload, length, "relay", on)) {
    Serial.printf("%s: no command I know\n", topic);
    return;
  }
  digitalWrite(RELAY_PIN, on ? HIGH : LOW);
  Serial.printf("relay %s\n", on ? "on" : "off");
}

void setup() {
  Serial.begin(115200);
  pinMode(RELAY_PIN, OUTPUT);
  pinMode(LED_PIN, OUTPUT);

  WiFi.onEvent([](WiFiEvent_t, WiFiEventInfo_t info) { wifiReason = info.wifi_sta_disconnected.reason; },
               ARDUINO_EVENT_WIFI_STA_DISCONNECTED);
  WiFi.persistent(false);  // the password is in the firmware already; flash need not hold it twice
  WiFi.mode(WIFI_STA);
  WiFi.setAutoReconnect(true);
  WiFi.begin(WIFI_SSID, WIFI_PASSWORD);

  net.setCACert(AWS_CERT_CA);
  net.setCertificate(AWS_CERT_CRT);
  net.setPrivateKey(AWS_CERT_PRIVATE);

  device.setPrecondition(whatIsMissing);
  device.setDiagnosis(whyNoConnection);
  device.onFailure(say);
  device.onLed([](bool on) { digitalWrite(LED_PIN, on ? HIGH : LOW); });
  device.onCommand(COMMAND_TOPIC "#", obey);
  device.setWill(WILL_TOPIC "gone", "{\"connected\":false}");
  device.begin(AWS_IOT_ENDPOINT, AWS_IOT_PORT, THING_NAME);
}

void loop() {
  device.loop();

  static bool startPublished = false;
  if (!startPublished && device.connected()) startPublished = publishStart();

  static uint32_t publishedAt = millis() - PUBLISH_EVERY_MS;
  if (millis() - publishedAt >= PUBLISH_EVERY_MS) {
    publishedAt = millis();
    publishReading();
  }
}
