/*
  Temperature, humidity and pressure of a BME280.

  Wiring: I2C, to the pins SDA and SCL of your board.
  Libraries (Tools > Manage Libraries): "Adafruit BME280 Library", with what it asks for
  Needs a secrets.h beside it: bin/fleet secrets DEVICE --out secrets.h
*/
#include <Adafruit_BME280.h>
#include <FleetBoard.h>

#include "secrets.h"

#ifndef PUBLISH_EVERY_MS
#define PUBLISH_EVERY_MS 60000
#endif

FleetBoard device(FLEET_IDENTITY);
FleetEvery publishTime(PUBLISH_EVERY_MS);
Adafruit_BME280 sensor;
bool found = false;

bool measure(char* json, size_t size) {
  if (!found) return false;
  snprintf(json, size, "{\"temperature\":%.1f,\"humidity\":%.1f,\"pressure\":%.1f}", sensor.readTemperature(),
           sensor.readHumidity(), sensor.readPressure() / 100);
  return true;
}

void setup() {
  Serial.begin(115200);
  found = sensor.begin(0x76);  // or 0x77, if its pin SDO is high
  device.begin("1.0.0");
}

void loop() {
  device.loop();
  char json[128];
  if (publishTime.due() && measure(json, sizeof(json))) device.publish(TELEMETRY_TOPIC "telemetry", json);
}
