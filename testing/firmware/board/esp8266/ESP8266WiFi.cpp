#include "ESP8266WiFi.h"

EspClass ESP;
ESP8266WiFiClass WiFi;

namespace {
SURVIVES_SLEEP uint8_t rtcMemory[512];
std::weak_ptr<std::function<void(const WiFiEventStationModeDisconnected&)>> disconnectedHandler;
}  // namespace

bool EspClass::rtcUserMemoryRead(uint32_t offset, uint32_t* data, size_t size) {
  if (offset * 4 + size > sizeof(rtcMemory)) return false;
  memcpy(data, rtcMemory + offset * 4, size);
  return true;
}

bool EspClass::rtcUserMemoryWrite(uint32_t offset, uint32_t* data, size_t size) {
  if (offset * 4 + size > sizeof(rtcMemory)) return false;
  memcpy(rtcMemory + offset * 4, data, size);
  return true;
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
