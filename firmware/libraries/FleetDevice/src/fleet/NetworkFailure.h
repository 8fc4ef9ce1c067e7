#pragma once

#include "Failure.h"

/*
  What lies below TLS, in words.
*/

/// @param reason why the station left its network: 802.11's reason codes and Espressif's own, alike on both chips
FleetFailure fleetWifiFailure(uint8_t reason);
FleetFailure fleetDnsFailure();
FleetFailure fleetTcpFailure();
/// The clock was not set since power-on.
FleetFailure fleetClockFailure();
