#include "WiFi.h"

#include <initializer_list>

EspClass ESP;
WiFiClass WiFi;

void background() {}

namespace {

WiFiEventSysCb disconnected = nullptr;
bool joined = false;    // the station belongs to the network, as long as that is there
bool everLost = false;  // the core tries once more after the first loss, whatever the reason
bool autoReconnect = true;

/// After these reasons the core asks for the network again (arduino-esp32 3.0.4, STA.cpp, _is_staReconnectableReason).
bool isReconnectable(uint8_t reason) {
  for (const uint8_t known : {1, 2, 3, 4, 5, 6, 7, 9, 14, 15, 16, 17, 23, 49, 200, 201, 203, 204, 205, 206, 207}) {
    if (reason == known) return true;
  }
  return false;
}

void lost(uint8_t reason) {
  const uint8_t leave = 8;  // ASSOC_LEAVE: as if by its own will
  const bool again = reason != leave && (!everLost || (autoReconnect && isReconnectable(reason)));
  everLost = true;
  joined = again;
  WiFiEventInfo_t info = {};
  info.wifi_sta_disconnected.reason = reason;
  if (disconnected != nullptr) disconnected(ARDUINO_EVENT_WIFI_STA_DISCONNECTED, info);
}

}  // namespace

void WiFiClass::begin(const char*, const char*) {
  surroundings::onWifiOff(lost);
  joined = !surroundings::radioHangs();
}

void WiFiClass::setAutoReconnect(bool again) {
  autoReconnect = again;
}

wl_status_t WiFiClass::status() const {
  return joined && surroundings::wifiIsOn() && !surroundings::radioHangs() ? WL_CONNECTED : WL_DISCONNECTED;
}

int WiFiClass::hostByName(const char* host, IPAddress& address) const {
  address = IPAddress(surroundings::resolve(host));
  return address.v4() != 0;
}

void WiFiClass::onEvent(WiFiEventSysCb callback, WiFiEvent_t) {
  disconnected = callback;
}
