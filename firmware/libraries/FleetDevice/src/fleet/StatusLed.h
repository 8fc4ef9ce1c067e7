#pragma once

#include "Failure.h"

typedef void (*FleetLedCallback)(bool on);

namespace fleet {

/**
 * Says on one LED how things stand: lit while connected, else as many short blinks as the number of the stage that
 * failed last (1 Wi-Fi, 2 DNS, 3 clock, 4 TCP, 5 TLS, 6 MQTT), then a pause.
 */
class StatusLed {
 public:
  void attach(FleetLedCallback set) { set_ = set; }
  void show(bool connected, FleetStage failed, uint32_t now);

 private:
  FleetLedCallback set_ = nullptr;
  bool lit_ = false;
  bool known_ = false;
  uint8_t tick_ = 0;
  uint32_t tickedAt_ = 0;

  void light(bool on);
};

}  // namespace fleet
