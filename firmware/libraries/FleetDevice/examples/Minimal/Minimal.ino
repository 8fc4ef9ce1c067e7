// The least that it takes, on an ESP32: publishes how long it has been up, and prints what goes wrong.
// Needs a secrets.h beside it: npx fleet secrets DEVICE --out secrets.h

#include <FleetDevice.h>
#include <WiFi.h>
#include <WiFiClientSecure.h>

#include "secrets.h"

WiFiClientSecure net;
FleetDevice device(net);

void setup() {
  Serial.begin(115200);
  WiFi.begin(WIFI_SSID, WIFI_PASSWORD);
  net.setCACert(AWS_CERT_CA);
  net.setCertificate(AWS_CERT_CRT);
  net.setPrivateKey(AWS_CERT_PRIVATE);

  device.setPrecondition([] { return WiFi.status() == WL_CONNECTED ? FleetFailure() : fleetWifiFailure(0); });
  device.onFailure([](const FleetFailure& failure) { Serial.println(failure); });
  device.begin(AWS_IOT_ENDPOINT, AWS_IOT_PORT, THING_NAME);
}

void loop() {
  device.loop();

  static uint32_t publishedAt = 0;
  if (millis() - publishedAt >= 60000) {
    publishedAt = millis();
    char json[32];
    snprintf(json, sizeof(json), "{\"uptime\":%lu}", static_cast<unsigned long>(millis() / 1000));
    device.publish(TELEMETRY_TOPIC "telemetry", json);
  }
}
