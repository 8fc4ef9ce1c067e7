#pragma once

#include <FleetDevice.h>

#include "Tls.h"

namespace fleet {

/// Keeps readings and TLS session over a deep sleep, and sleeps. Does not come back: the chip starts anew.
void sleepWith(const FleetDevice& device, const Tls& tls, uint32_t ms);
/// Takes back what was kept. False after any other start: then there is nothing.
bool resumeAfterSleep(FleetDevice& device, Tls& tls);

}  // namespace fleet
