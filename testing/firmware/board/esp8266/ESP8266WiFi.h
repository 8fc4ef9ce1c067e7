// The part of ESP8266WiFi that the sketch uses.
#pragma once

#include <Arduino.h>

#include <bits/std_function.h>  // of <functional>, the rest of which takes long to read
#include <memory>

#include "TcpSocket.h"
#include "WiFiClientSecure.h"

enum wl_status_t { WL_CONNECTED = 3, WL_DISCONNECTED = 7 };
enum WiFiMode_t { WIFI_STA = 1 };
enum WiFiDisconnectReason : uint8_t {};

struct WiFiEventStationModeDisconnected {
  WiFiDisconnectReason reason;
};
using WiFiEventHandler = std::shared_ptr<std::function<void(const WiFiEventStationModeDisconnected&)>>;

class ESP8266WiFiClass {
 public:
  void persistent(bool) {}
  void mode(WiFiMode_t) {}
  void setAutoReconnect(bool) {}
  void begin(const char* ssid, const char* password);
  wl_status_t status() const { return surroundings::wifiIsOn() ? WL_CONNECTED : WL_DISCONNECTED; }
  int hostByName(const char* host, IPAddress& address) const;
  WiFiEventHandler onStationModeDisconnected(std::function<void(const WiFiEventStationModeDisconnected&)> handler);
};
extern ESP8266WiFiClass WiFi;
