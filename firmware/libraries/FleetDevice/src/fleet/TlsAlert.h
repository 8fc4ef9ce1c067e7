#pragma once

#include "Failure.h"

namespace fleet {

/// The broker ended TLS with an alert (RFC 5246, 7.2.2).
FleetFailure tlsAlertFailure(int alert);
/// The broker took the connection, and TLS was not agreed upon within the time that there is.
FleetFailure tlsSilence();

}  // namespace fleet
