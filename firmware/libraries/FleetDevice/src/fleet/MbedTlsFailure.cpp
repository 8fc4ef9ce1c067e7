#include "MbedTlsFailure.h"

#include "NetworkFailure.h"
#include "TlsAlert.h"

namespace {

// Numbers of mbedtls/ssl.h, x509.h, pk.h and net_sockets.h; without those headers this compiles for any chip.
enum {
  kOfTheCore = -1,
  kReceiveFailed = -0x004c,
  kSendFailed = -0x004e,
  kConnectionReset = -0x0050,
  kPemUnreadable = -0x1080,
  kX509Unreadable = -0x2180,
  kCertificateRefused = -0x2700,
  kX509OutOfMemory = -0x2880,
  kKeyUnreadable = -0x3d00,
  kEndOfFile = -0x7280,
  kFatalAlert = -0x7780,
  kClosed = -0x7880,
  kOutOfMemory = -0x7f00,
};

/// An error of one module can carry one of a deeper module in its lowest seven bits (mbedtls/error.h).
int outermost(int error) {
  const int module = -(-error & 0xff80);
  return module == 0 ? error : module;
}

}  // namespace

FleetFailure fleetMbedTlsFailure(int error, bool timedOut) {
  const FleetStage stage = FleetStage::Tls;
  if (error >= 0)
    return FleetFailure(stage, 0, F("the connection ended without an error"), F("it comes back by itself"));
  switch (outermost(error)) {
    case kOfTheCore:
      return timedOut ? fleet::tlsSilence() : fleetTcpFailure();
    case kCertificateRefused:
      return FleetFailure(
          stage, error, F("the broker's certificate is not signed by a root in secrets.h, or is for another host name"),
          F("check AWS_IOT_ENDPOINT; bin/fleet secrets writes the roots anew; somebody may be posing as "
            "the broker"));
    case kConnectionReset:
    case kReceiveFailed:
    case kSendFailed:
    case kEndOfFile:
    case kFatalAlert:
    case kClosed:
      return FleetFailure(
          stage, error, F("the broker hung up, as it does on a certificate it refuses"),
          F("bin/fleet list shows whether the certificate is ACTIVE; bin/fleet secrets writes it anew"));
    case kPemUnreadable:
    case kX509Unreadable:
    case kKeyUnreadable:
      return FleetFailure(stage, error, F("a certificate or the private key in secrets.h cannot be read"),
                          F("bin/fleet secrets writes it anew"));
    case kOutOfMemory:
    case kX509OutOfMemory:
      return FleetFailure(stage, error, F("not enough memory for TLS"), F("free some heap: TLS takes about 50 KB"));
    default:
      return FleetFailure(stage, error, F("mbedTLS gave up"), F("look the number up in mbedtls/ssl.h and x509.h"));
  }
}
