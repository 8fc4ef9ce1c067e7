/*
  A door opener on AWS IoT Core, with an ESP8266: says whether the door is open, and presses the opener's button when
  the cloud wants it otherwise: bin/fleet send DEVICE '{"open":true}' or '{"open":false}'

  Before you flash it: bin/fleet secrets DEVICE --out firmware/esp8266-door/secrets.h, and fill in the Wi-Fi there.
  Wiring: a relay on GPIO 5 (D1) across the opener's button, a reed switch on GPIO 4 (D2) to ground, closed while the
  door is.
*/
#include <FleetBoard.h>
#include "secrets.h"

#ifndef TRAVEL_MS
#define TRAVEL_MS 20000  // for so long the door moves, and a second press would stop it halfway
#endif
#ifndef PUBLISH_EVERY_MS
#define PUBLISH_EVERY_MS 600000  // the state of the door, even when nothing has changed
#endif

FleetBoard device(FLEET_IDENTITY);
FleetSwitch reed(FLEET_REED_PIN);  // open while the door is
FleetEvery publishTime(PUBLISH_EVERY_MS);
bool publishWanted = false, moving = false;
uint32_t pressedAt = 0;

// A command can come twice, and the button means "the other way": so commands say how the door should be, and the
// button is pressed only when it is not like that and does not move. This waits until the press is over, so that
// nothing else can block meanwhile: an attempt to connect takes up to half a minute.
void obey(const char* topic, const char* payload, size_t length) {
  bool open;
  if (!fleetJsonBool(payload, length, "open", open)) {
    Serial.printf("%s: no command I know\n", topic);
  } else if (moving || open == reed.open()) {
    Serial.printf("the door %s\n", moving ? "moves: command ignored" : open ? "is open already" : "is closed already");
  } else {
    Serial.printf("%s the door\n", open ? "opening" : "closing");
    digitalWrite(FLEET_RELAY_PIN, HIGH);
    delay(400);
    digitalWrite(FLEET_RELAY_PIN, LOW);
    moving = true;
    pressedAt = millis();
  }
}

void setup() {
  Serial.begin(115200);
  digitalWrite(FLEET_RELAY_PIN, LOW);  // before it is an output: no power cut opens a door
  pinMode(FLEET_RELAY_PIN, OUTPUT);
  reed.begin();
  device.onCommand(COMMAND_TOPIC "#", obey);
  device.setCleanSession(true);  // a command of an hour ago must not open the door when the Wi-Fi comes back
  device.begin("1.0.0");
}

void loop() {
  device.loop();
  if (moving && millis() - pressedAt >= TRAVEL_MS) moving = false;
  if (reed.changed() || publishTime.due()) publishWanted = true;
  const char* state = reed.open() ? "{\"open\":true}" : "{\"open\":false}";
  if (publishWanted) publishWanted = !device.publish(TELEMETRY_TOPIC "door", state);  // refused while the ring is full
}
