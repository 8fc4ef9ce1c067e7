/*
  The telemetry sketch, with its identity in the board's flash: it holds no key of a board and no password, so that one
  build is for all boards of a chip.

  Before you flash it:  bin/fleet enrol --header      writes claim.h into the library FleetIdentity
  Then, on the serial monitor (115200 baud), once a board, each on a line:

      wifi the name of your network
      password its password
      enrol kitchen-sensor ...                        as bin/fleet enrol kitchen-sensor prints it

  The board makes its key, gets its certificate, and keeps both. Rotations come over the air.
*/

#include <FleetIdentity.h>
#include <claim.h>

#define FIRMWARE_VERSION "1.0.0"

#ifndef PUBLISH_EVERY_MS
#define PUBLISH_EVERY_MS 60000
#endif

FleetIdentity identity(FLEET_CLAIM);
FleetBoard device;
FleetEvery publishTime(PUBLISH_EVERY_MS);

// Commands: bin/fleet send DEVICE '{"relay":true}'
void obey(const char* topic, const char* payload, size_t length) {
  bool on;
  if (!fleetJsonBool(payload, length, "relay", on)) return;
  digitalWrite(FLEET_RELAY_PIN, on ? HIGH : LOW);
  Serial.printf("%s: relay %s\n", topic, on ? "on" : "off");
}

void setup() {
  Serial.begin(115200);
  pinMode(FLEET_RELAY_PIN, OUTPUT);
  identity.begin(device);  // returns once this board has an identity
  device.onCommand(identity.commands(), obey);
  device.begin(FIRMWARE_VERSION);
}

void loop() {
  device.loop();
  identity.loop();
  if (!publishTime.due()) return;
  char json[32];
  snprintf(json, sizeof(json), "{\"level\":%d}", static_cast<int>(analogRead(FLEET_SENSOR_PIN)));
  device.publish(identity.topic("telemetry"), json);
}
