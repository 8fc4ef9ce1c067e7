#include "TlsAlert.h"

namespace fleet {

FleetFailure tlsAlertFailure(int alert) {
  const FleetStage stage = FleetStage::Tls;
  switch (alert) {
    case 40:   // handshake_failure
    case 42:   // bad_certificate
    case 43:   // unsupported_certificate
    case 44:   // certificate_revoked
    case 45:   // certificate_expired
    case 46:   // certificate_unknown
    case 48:   // unknown_ca
    case 49:   // access_denied
    case 116:  // certificate_required
      return FleetFailure(stage, alert, F("the broker refuses the certificate of this device"),
                          F("bin/fleet list shows whether it is ACTIVE; bin/fleet secrets writes it anew"));
    case 70:  // protocol_version
    case 71:  // insufficient_security
      return FleetFailure(stage, alert, F("the broker asks for another version or stronger ciphers of TLS"),
                          F("let the broker take TLS 1.2"));
    default:
      return FleetFailure(stage, alert, F("the broker ended TLS with an alert"),
                          F("look the number up in RFC 5246, 7.2"));
  }
}

FleetFailure tlsSilence() {
  return FleetFailure(FleetStage::Tls, 0, F("somebody answers at the broker's port, and then says nothing in TLS"),
                      F("check host and port; a proxy or a login page of this network may hold TLS up"));
}

}  // namespace fleet
