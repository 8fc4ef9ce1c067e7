/*
  Temperature and humidity of a DHT22 (AM2302).

  Wiring: its data pin to FLEET_REED_PIN of FleetPins.h, with a resistor of 10 kOhm to 3.3 V.
  Libraries (Tools > Manage Libraries): "DHT sensor library" and "Adafruit Unified Sensor", both by Adafruit
  Needs a secrets.h beside it: bin/fleet secrets DEVICE --out secrets.h
*/
#include <DHT.h>
#include <FleetBoard.h>

#include "secrets.h"

#ifndef PUBLISH_EVERY_MS
#define PUBLISH_EVERY_MS 60000
#endif

FleetBoard device(FLEET_IDENTITY);
FleetEvery publishTime(PUBLISH_EVERY_MS);
DHT sensor(FLEET_REED_PIN, DHT22);

bool measure(char* json, size_t size) {
  const float celsius = sensor.readTemperature();
  const float humidity = sensor.readHumidity();
  if (isnan(celsius) || isnan(humidity)) return false;  // no sensor, or a bad moment
  snprintf(json, size, "{\"temperature\":%.1f,\"humidity\":%.1f}", celsius, humidity);
  return true;
}

void setup() {
  Serial.begin(115200);
  sensor.begin();
  device.begin("1.0.0");
}

void loop() {
  device.loop();
  char json[128];
  if (publishTime.due() && measure(json, sizeof(json))) device.publish(TELEMETRY_TOPIC "telemetry", json);
}
