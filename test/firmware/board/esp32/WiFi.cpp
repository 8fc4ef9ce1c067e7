#include "WiFi.h"

EspClass ESP;
WiFiClass WiFi;

void background() {}

namespace {
WiFiEventSysCb disconnected = nullptr;
}

void WiFiClass::begin(const char*, const char*) {
  surroundings::onWifiOff([](uint8_t reason) {
    WiFiEventInfo_t info = {};
    info.wifi_sta_disconnected.reason = reason;
    if (disconnected != nullptr) disconnected(ARDUINO_EVENT_WIFI_STA_DISCONNECTED, info);
  });
}

int WiFiClass::hostByName(const char* host, IPAddress& address) const {
  address = IPAddress(surroundings::resolve(host));
  return address.v4() != 0;
}

void WiFiClass::onEvent(WiFiEventSysCb callback, WiFiEvent_t) {
  disconnected = callback;
}
