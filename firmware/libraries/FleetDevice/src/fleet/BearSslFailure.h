#pragma once

#include "Failure.h"

/**
 * A failed TLS connection on the ESP8266.
 *
 * @param error what getLastSSLError() gave back
 * @param words what it wrote: the only place that tells an alert of the broker from an error found here
 * @param timedOut whether the attempt took as long as the core waits: of that, BearSSL says nothing
 */
FleetFailure fleetBearSslFailure(int error, const char* words, bool timedOut = false);
