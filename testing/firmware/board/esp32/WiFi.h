// The part of the ESP32's WiFi library that the sketch uses.
#pragma once

#include <Arduino.h>

#include "surroundings.h"

enum wl_status_t { WL_CONNECTED = 3, WL_DISCONNECTED = 6 };
enum wifi_mode_t { WIFI_STA = 1 };
enum WiFiEvent_t { ARDUINO_EVENT_WIFI_STA_DISCONNECTED = 5 };
struct WiFiEventInfo_t {
  struct {
    uint8_t reason;
  } wifi_sta_disconnected;
};
typedef void (*WiFiEventSysCb)(WiFiEvent_t event, WiFiEventInfo_t info);

class WiFiClass {
 public:
  void persistent(bool) {}
  void mode(wifi_mode_t) {}
  void setAutoReconnect(bool again);
  void begin(const char* ssid, const char* password);
  wl_status_t status() const;
  int hostByName(const char* host, IPAddress& address) const;
  void onEvent(WiFiEventSysCb callback, WiFiEvent_t event);
};
extern WiFiClass WiFi;
