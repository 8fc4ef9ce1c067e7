#ifdef ESP8266

#include "Esp8266Tls.h"

namespace fleet {

namespace {

/// How long the core waits for TCP, and once more for TLS (WiFiClientSecureBearSSL.cpp, _timeout); it cannot be set.
const uint32_t kCoreTimeoutMs = 15000;

}  // namespace

void Tls::begin() {
  roots_.reset(new BearSSL::X509List(secrets_.roots));
  Stream* stream = secrets_.certificateStream;
  if (certificate_ == nullptr) {
    certificate_.reset(stream == nullptr ? new BearSSL::X509List(secrets_.certificate)
                                         : new BearSSL::X509List(*stream));
  }
  privateKey_.reset(new BearSSL::PrivateKey(secrets_.privateKey));
  setTrustAnchors(roots_.get());
  if (privateKey_->isEC()) {
    // AWS signs device certificates with RSA; the usage SIGN makes the type of the issuer's key of no account.
    setClientECCert(certificate_.get(), privateKey_.get(), BR_KEYTYPE_SIGN, BR_KEYTYPE_RSA);
  } else {
    setClientRSACert(certificate_.get(), privateKey_.get());
  }
  setBufferSizes(FLEET_TLS_RECEIVE_BYTES, FLEET_TLS_SEND_BYTES);
  setSession(&session_);
}

int Tls::connect(const char* host, uint16_t port) {
  port_ = port;
  failed_ = true;
  resolved_ = WiFi.hostByName(host, address_);
  if (!resolved_) return 0;
  const uint32_t since = millis();
  failed_ = !BearSSL::WiFiClientSecure::connect(host, port);
  tookMs_ = millis() - since;
  return !failed_;
}

FleetFailure Tls::failure() {
  if (!resolved_) return fleetDnsFailure();
  char words[32];
  const int error = getLastSSLError(words, sizeof(words));
  // BearSSL says nothing of TCP: whether anybody answers there, a second connection tells.
  if (error == 0 && failed_ && !WiFiClient().connect(address_, port_)) return fleetTcpFailure();
  return fleetBearSslFailure(error, words, failed_ && tookMs_ >= kCoreTimeoutMs);
}

}  // namespace fleet

#endif
