#pragma once

#include "Failure.h"

/**
 * A failed TLS connection on the ESP32.
 *
 * @param error what lastError() gave back: -1 is of the core (no TCP connection, or the handshake took too long)
 * @param timedOut whether the attempt took as long as the handshake may: then TCP was there
 */
FleetFailure fleetMbedTlsFailure(int error, bool timedOut = false);
