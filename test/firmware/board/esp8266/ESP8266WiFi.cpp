#include "ESP8266WiFi.h"

EspClass ESP;
ESP8266WiFiClass WiFi;

namespace {
std::weak_ptr<std::function<void(const WiFiEventStationModeDisconnected&)>> disconnectedHandler;
}

void ESP8266WiFiClass::begin(const char*, const char*) {
  surroundings::onWifiOff([](uint8_t reason) {
    const WiFiEventStationModeDisconnected event = {static_cast<WiFiDisconnectReason>(reason)};
    if (const auto handler = disconnectedHandler.lock()) (*handler)(event);
  });
}

int ESP8266WiFiClass::hostByName(const char* host, IPAddress& address) const {
  address = IPAddress(surroundings::resolve(host));
  return address.v4() != 0;
}

// As in the core, the handler lives as long as what is given back.
WiFiEventHandler ESP8266WiFiClass::onStationModeDisconnected(
    std::function<void(const WiFiEventStationModeDisconnected&)> handler) {
  auto owned = std::make_shared<std::function<void(const WiFiEventStationModeDisconnected&)>>(std::move(handler));
  disconnectedHandler = owned;
  return owned;
}
