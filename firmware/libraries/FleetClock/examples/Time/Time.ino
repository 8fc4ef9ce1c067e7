/*
  The clock of an ESP8266, and nothing else: prints the time every ten seconds, and whether NTP gave it. Until then it
  is the earliest that it can be: the day of the build, or the last good time, which flash keeps.

  Needs a secrets.h beside it: bin/fleet secrets DEVICE --out secrets.h
*/
#include <ESP8266WiFi.h>
#include <FleetClock.h>

#include "secrets.h"

FleetClock fleetClock;

void setup() {
  Serial.begin(115200);
  WiFi.begin(WIFI_SSID, WIFI_PASSWORD);
  fleetClock.begin();  // or begin("192.168.1.1"), where the router is an NTP server
}

void loop() {
  fleetClock.loop();

  static uint32_t printedAt = 0;
  if (millis() - printedAt < 10000) return;
  printedAt = millis();
  Serial.printf("%lu seconds since 1970, %s\n", static_cast<unsigned long>(time(nullptr)),
                fleetClock.known() ? "by NTP" : "at least");
}
