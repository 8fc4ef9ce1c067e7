#include "BearSslFailure.h"

#include "TlsAlert.h"

namespace {

// Numbers of bearssl_ssl.h and bearssl_x509.h, and the core's own; without those headers this compiles for any chip.
enum {
  kOutOfMemory = -1000,
  kDropped = 0,
  kUnsupportedVersion = 3,
  kBadVersion = 4,
  kTooLarge = 6,
  kUnknownType = 9,
  kUnexpected = 10,
  kBadX509Signature = 52,
  kExpired = 54,
  kBadServerName = 56,
  kNotTrusted = 62,
};

}  // namespace

FleetFailure fleetBearSslFailure(int error, const char* words, bool timedOut) {
  const FleetStage stage = FleetStage::Tls;
  if (strncmp_P(words, PSTR("SSL received fatal alert"), 24) == 0) return fleet::tlsAlertFailure(error);
  if (error == kDropped && timedOut) return fleet::tlsSilence();
  switch (error) {
    case kOutOfMemory:
      return FleetFailure(stage, error, F("not enough memory in one piece for TLS"),
                          F("free some heap, or choose smaller buffers with setBufferSizes()"));
    case kDropped:
      return FleetFailure(
          stage, error, F("the broker hung up without a word, as it does on a certificate it refuses"),
          F("bin/fleet list shows whether the certificate is ACTIVE; bin/fleet secrets writes it anew"));
    case kTooLarge:
      return FleetFailure(stage, error, F("the broker sent a record larger than the receive buffer"),
                          F("raise FLEET_TLS_RECEIVE_BYTES"));
    case kExpired:
      return FleetFailure(stage, error, F("the broker's certificate is expired or not yet valid"),
                          F("compare its dates with the clock; renew it if the broker is yours"));
    case kBadServerName:
      return FleetFailure(stage, error, F("the broker's certificate is for another host name"),
                          F("check AWS_IOT_ENDPOINT in secrets.h; somebody may be posing as the broker"));
    case kBadX509Signature:
    case kNotTrusted:
      return FleetFailure(stage, error, F("the broker's certificate is not signed by a root in secrets.h"),
                          F("bin/fleet secrets writes the roots anew; somebody may be posing as the broker"));
    case kUnsupportedVersion:
    case kBadVersion:
    case kUnknownType:
    case kUnexpected:
      return FleetFailure(stage, error, F("what answers there does not speak TLS as a broker should"),
                          F("check that host and port are those of the MQTT broker"));
    default:
      return FleetFailure(stage, error, F("BearSSL gave up"),
                          F("look the number up in bearssl_ssl.h or bearssl_x509.h"));
  }
}
