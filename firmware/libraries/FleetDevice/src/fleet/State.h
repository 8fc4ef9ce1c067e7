#pragma once

#include <Arduino.h>

/// What a device is doing.
enum class FleetState : uint8_t {
  Idle,        ///< begin() was not called, or refused
  NoWiFi,      ///< the precondition says that Wi-Fi is missing
  NoClock,     ///< the precondition says that the clock is missing
  Waiting,     ///< between two attempts
  Connecting,  ///< TLS stands; the broker has not answered CONNECT yet
  Connected,
};

const __FlashStringHelper* fleetStateToString(FleetState state);
