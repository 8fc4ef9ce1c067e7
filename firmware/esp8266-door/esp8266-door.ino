/*
  A door opener on AWS IoT Core, with an ESP8266: says whether the door is open, and presses the opener's button when
  the cloud wants it otherwise.

  Before you flash it:
    1. npx fleet secrets DEVICE --out firmware/esp8266-door/secrets.h
    2. in secrets.h, fill in WIFI_SSID and WIFI_PASSWORD

  Commands: npx fleet send DEVICE '{"open":true}' or '{"open":false}'

  Wiring: a relay on GPIO 5 (D1 of a NodeMCU or D1 mini) across the opener's button, a reed switch between GPIO 4 (D2)
  and ground that is closed while the door is.
*/

#include <ESP8266WiFi.h>
#include <FleetClock.h>
#include <FleetDevice.h>

#include "secrets.h"

const uint8_t RELAY_PIN = 5;
const uint8_t REED_PIN = 4;

const uint32_t PRESS_MS = 400;
const uint32_t BOUNCE_MS = 100;  // a reed switch bounces, and a door shakes
#ifndef TRAVEL_MS
#define TRAVEL_MS 20000  // for so long the door moves, and a second press would stop it halfway
#endif
#ifndef PUBLISH_EVERY_MS
#define PUBLISH_EVERY_MS 600000  // the state of the door, even when nothing has changed
#endif

// ---------------------------------------------------------------------------------------------------------------- TLS

// The client keeps pointers to all of these: they must live as long as it does.
BearSSL::X509List roots(AWS_CERT_CA);
BearSSL::X509List certificate(AWS_CERT_CRT);
BearSSL::PrivateKey privateKey(AWS_CERT_PRIVATE);
BearSSL::Session session;

BearSSL::WiFiClientSecure net;
FleetClock fleetClock;  // TLS needs it: certificates have dates
FleetDevice device(net);

void setUpTls() {
  net.setTrustAnchors(&roots);
  if (privateKey.isEC()) {
    net.setClientECCert(&certificate, &privateKey, BR_KEYTYPE_SIGN, BR_KEYTYPE_RSA);
  } else {
    net.setClientRSACert(&certificate, &privateKey);
  }
  net.setBufferSizes(16384, 512);  // what AWS IoT Core may send at once; esp8266-telemetry has more about it
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

// ------------------------------------------------------------------------------------------------------------ the door

bool doorOpen = false;
bool stateWanted = true;  // to be published
bool moving = false;
uint32_t pressedAt = 0;

void watchDoor() {
  static bool lastSeen = false;
  static uint32_t changedAt = 0;
  const bool open = digitalRead(REED_PIN) == HIGH;
  if (open != lastSeen) {
    lastSeen = open;
    changedAt = millis();
  }
  if (open == doorOpen || millis() - changedAt < BOUNCE_MS) return;
  doorOpen = open;
  stateWanted = true;
}

// Waits, so that nothing else can block while the button is pressed: a connection attempt takes up to half a minute.
void press() {
  digitalWrite(RELAY_PIN, HIGH);
  delay(PRESS_MS);
  digitalWrite(RELAY_PIN, LOW);
  moving = true;
  pressedAt = millis();
}

void moveDoor() {
  if (moving && millis() - pressedAt >= TRAVEL_MS) moving = false;
}

void publishState() {
  static uint32_t publishedAt = 0;
  if (!stateWanted && millis() - publishedAt < PUBLISH_EVERY_MS) return;
  publishedAt = millis();
  // Refused while the ring is full: then it is tried again.
  stateWanted = !device.publish(TELEMETRY_TOPIC "door", doorOpen ? "{\"open\":true}" : "{\"open\":false}");
}

// A command can come twice, and the button means "the other way": so commands say how the door should be, and the
// button is pressed only when it is not like that and does not move.
void obey(const char* topic, const char* payload, size_t length) {
  bool open;
  if (!fleetJsonBool(payload, length, "open", open)) {
    Serial.printf_P(PSTR("%s: no command I know\n"), topic);
  } else if (moving) {
    Serial.println(F("the door moves: command ignored"));
  } else if (open == doorOpen) {
    Serial.printf_P(PSTR("the door is %s already\n"), open ? "open" : "closed");
  } else {
    Serial.printf_P(PSTR("%s the door\n"), open ? "opening" : "closing");
    press();
  }
}

void setup() {
  Serial.begin(115200);
  digitalWrite(RELAY_PIN, LOW);  // before it is an output: no power cut opens a door
  pinMode(RELAY_PIN, OUTPUT);
  pinMode(REED_PIN, INPUT_PULLUP);
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
  device.setCleanSession(true);  // a command of an hour ago must not open the door when the Wi-Fi comes back
  device.setWill(WILL_TOPIC "gone", "{\"connected\":false}");
  device.begin(AWS_IOT_ENDPOINT, AWS_IOT_PORT, THING_NAME);
}

void loop() {
  device.loop();
  fleetClock.loop();
  watchDoor();
  moveDoor();
  publishState();
}
