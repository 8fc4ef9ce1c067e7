#pragma once

#include "Failure.h"

/**
 * A failed TLS connection on the ESP8266.
 *
 * @param error what getLastSSLError() gave back
 * @param words what it wrote: the only place that tells an alert of the broker from an error found here
 */
FleetFailure bearSslFailure(int error, const char* words);
