#include "Wifi.h"

#ifdef ESP8266
#include <ESP8266WiFi.h>
#else
#include <WiFi.h>
#endif

namespace fleet {

namespace {

volatile uint8_t reason = 0;  // of the last disconnection; a chip has one station

#ifdef ESP8266
WiFiEventHandler handler;  // as long as it lives, the event is handled

void watch() {
  handler =
      WiFi.onStationModeDisconnected([](const WiFiEventStationModeDisconnected& event) { reason = event.reason; });
}
#else
void watch() {
  WiFi.onEvent([](WiFiEvent_t, WiFiEventInfo_t info) { reason = info.wifi_sta_disconnected.reason; },
               ARDUINO_EVENT_WIFI_STA_DISCONNECTED);
}
#endif

}  // namespace

void Wifi::begin(const char* ssid, const char* password) {
  if (ssid_ == ssid && password_ == password) return;  // begun already
  ssid_ = ssid;
  password_ = password;
  seenAt_ = begunAt_ = millis();
  watch();
  WiFi.persistent(false);  // the password is in the firmware already; flash need not hold it twice
  WiFi.mode(WIFI_STA);
  WiFi.setAutoReconnect(true);
  WiFi.begin(ssid, password);
}

bool Wifi::connected() const {
  return WiFi.status() == WL_CONNECTED;
}

void Wifi::loop(uint32_t now) {
  if (connected()) {
    seenAt_ = begunAt_ = now;
    return;
  }
#ifdef ESP32
  if (now - begunAt_ >= FLEET_WIFI_AGAIN_MS) {
    begunAt_ = now;
    WiFi.begin(ssid_, password_);  // in the middle of an attempt the core refuses it, and that attempt goes on
  }
  if (FLEET_WIFI_RESTART_MS > 0 && now - seenAt_ >= FLEET_WIFI_RESTART_MS) ESP.restart();
#else
  (void)seenAt_;
#endif
}

FleetFailure Wifi::missing() const {
  return connected() ? FleetFailure() : fleetWifiFailure(reason);
}

}  // namespace fleet
