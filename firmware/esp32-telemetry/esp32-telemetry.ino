/*
  An ESP32 on AWS IoT Core: publishes a temperature every minute, and switches a relay when the cloud says so.

  Before you flash it:
    1. bin/fleet secrets DEVICE        writes secrets.h beside this file
    2. in secrets.h, fill in WIFI_SSID and WIFI_PASSWORD

  Wiring: a TMP36 (10 mV per degree, 500 mV at 0 degrees) on GPIO 34, a relay on GPIO 26, an LED on GPIO 2.
  Other chips of the family have other pins: see FleetPins.h in libraries/FleetBoard.
*/

#include <FleetBoard.h>

#include "secrets.h"

#define FIRMWARE_VERSION "1.0.0"

#ifndef PUBLISH_EVERY_MS
#define PUBLISH_EVERY_MS 60000
#endif

FleetBoard device(FLEET_IDENTITY);
FleetEvery publishTime(PUBLISH_EVERY_MS);

// Another sensor? Only this changes: what it measured, as JSON; false when it could not measure. The examples of
// FleetBoard (File > Examples) have it for a DHT22, a DS18B20 and a BME280.
bool measure(char* json, size_t size) {
  const float celsius = analogReadMilliVolts(FLEET_SENSOR_PIN) / 10.0f - 50;
  snprintf(json, size, "{\"temperature\":%.1f}", celsius);
  return true;
}

// Commands: bin/fleet send DEVICE '{"relay":true}'
void obey(const char* topic, const char* payload, size_t length) {
  bool on;
  if (!fleetJsonBool(payload, length, "relay", on)) {
    Serial.printf("%s: no command I know\n", topic);
    return;
  }
  digitalWrite(FLEET_RELAY_PIN, on ? HIGH : LOW);
  Serial.printf("relay %s\n", on ? "on" : "off");
}

void setup() {
  Serial.begin(115200);
  pinMode(FLEET_RELAY_PIN, OUTPUT);
  device.onCommand(COMMAND_TOPIC "#", obey);
  device.begin(FIRMWARE_VERSION);
}

void loop() {
  device.loop();
  char json[128];
  if (publishTime.due() && measure(json, sizeof(json))) device.publish(TELEMETRY_TOPIC "telemetry", json);
}
