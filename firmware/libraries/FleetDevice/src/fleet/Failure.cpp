#include "Failure.h"

const __FlashStringHelper* fleetStageToString(FleetStage stage) {
  switch (stage) {
    case FleetStage::Nothing:
      return F("nothing");
    case FleetStage::WiFi:
      return F("Wi-Fi");
    case FleetStage::Dns:
      return F("DNS");
    case FleetStage::Clock:
      return F("clock");
    case FleetStage::Tcp:
      return F("TCP");
    case FleetStage::Tls:
      return F("TLS");
    case FleetStage::Mqtt:
      return F("MQTT");
  }
  return F("?");
}

size_t FleetFailure::printTo(Print& out) const {
  size_t printed = out.print(fleetStageToString(stage));
  if (stage == FleetStage::Nothing) return printed;
  printed += out.print(F(" ("));
  printed += out.print(static_cast<long>(code));
  printed += out.print(F("): "));
  printed += out.print(cause);
  printed += out.print(F(" -> "));
  return printed + out.print(fix);
}
