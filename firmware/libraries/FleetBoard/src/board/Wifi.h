#pragma once

#include <FleetDevice.h>

namespace fleet {

/**
 * Keeps a station on its network. The ESP8266's SDK comes back by itself, whatever the reason. The ESP32's core does so
 * for a list of reasons only (arduino-esp32, STA.cpp, _is_staReconnectableReason): after any other one, such as 202,
 * it would stay away for ever.
 */
class Wifi {
 public:
  /// Strings are kept as pointers; the same ones again change nothing.
  void begin(const char* ssid, const char* password);
  /// What the pointers lead to has changed: the next begin() begins anew.
  void forget() { ssid_ = nullptr; }
  void loop(uint32_t now);
  bool connected() const;
  /// Why there is no network; no failure when there is one.
  FleetFailure missing() const;

 private:
  const char* ssid_ = nullptr;
  const char* password_ = nullptr;
  uint32_t seenAt_ = 0;   ///< when the network was last there
  uint32_t begunAt_ = 0;  ///< when it was last asked for, or last there
};

}  // namespace fleet
