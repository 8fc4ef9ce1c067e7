/*
  Temperature of a DS18B20.

  Wiring: its data pin to FLEET_REED_PIN of FleetPins.h, with a resistor of 4.7 kOhm to 3.3 V.
  Libraries (Tools > Manage Libraries): "OneWire" by Paul Stoffregen and "DallasTemperature" by Miles Burton
  Needs a secrets.h beside it: bin/fleet secrets DEVICE --out secrets.h
*/
#include <DallasTemperature.h>
#include <FleetBoard.h>
#include <OneWire.h>

#include "secrets.h"

#ifndef PUBLISH_EVERY_MS
#define PUBLISH_EVERY_MS 60000
#endif

FleetBoard device(FLEET_IDENTITY);
FleetEvery publishTime(PUBLISH_EVERY_MS);
OneWire wire(FLEET_REED_PIN);
DallasTemperature sensors(&wire);

bool measure(char* json, size_t size) {
  sensors.requestTemperatures();  // takes 0.75 s
  const float celsius = sensors.getTempCByIndex(0);
  if (celsius == DEVICE_DISCONNECTED_C) return false;
  snprintf(json, size, "{\"temperature\":%.2f}", celsius);
  return true;
}

void setup() {
  Serial.begin(115200);
  sensors.begin();
  device.begin("1.0.0");
}

void loop() {
  device.loop();
  char json[128];
  if (publishTime.due() && measure(json, sizeof(json))) device.publish(TELEMETRY_TOPIC "telemetry", json);
}
