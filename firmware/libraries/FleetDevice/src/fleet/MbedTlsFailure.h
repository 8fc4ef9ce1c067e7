#pragma once

#include "Failure.h"

/**
 * A failed TLS connection on the ESP32.
 *
 * @param error what lastError() gave back: -1 is of the core (no TCP connection, or the handshake took too long)
 */
FleetFailure mbedTlsFailure(int error);
