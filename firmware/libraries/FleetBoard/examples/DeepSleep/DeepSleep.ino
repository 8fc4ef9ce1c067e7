/*
  A sensor on a battery: measures, sends, and sleeps for a quarter of an hour, over and over. What it could not send it
  sends after a later sleep. Before it sleeps it takes leave of the broker, so that no last will is published.

  An ESP8266 wakes only when GPIO 16 (D0) is wired to RST. Needs a secrets.h beside it:
  bin/fleet secrets DEVICE --out secrets.h
*/
#include <FleetBoard.h>

#include "secrets.h"

#ifndef SLEEP_MS
#define SLEEP_MS 900000
#endif
#ifndef AWAKE_MS
#define AWAKE_MS 30000  // for so long it tries to send
#endif

FleetBoard device(FLEET_IDENTITY);

void setup() {
  Serial.begin(115200);
  device.begin("1.0.0");  // takes back what was not sent
  char json[32];
  snprintf(json, sizeof(json), "{\"level\":%d}", analogRead(FLEET_SENSOR_PIN));
  device.publish(TELEMETRY_TOPIC "telemetry", json);
}

void loop() {
  device.waitUntilSent(AWAKE_MS);
  device.sleep(SLEEP_MS);
}
