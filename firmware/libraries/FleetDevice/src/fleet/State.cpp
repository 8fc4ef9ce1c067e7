#include "State.h"

const __FlashStringHelper* fleetStateToString(FleetState state) {
  switch (state) {
    case FleetState::Idle:
      return F("idle");
    case FleetState::NoWiFi:
      return F("no Wi-Fi");
    case FleetState::NoClock:
      return F("no clock");
    case FleetState::Waiting:
      return F("waiting");
    case FleetState::Connecting:
      return F("connecting");
    case FleetState::Connected:
      return F("connected");
  }
  return F("?");
}
