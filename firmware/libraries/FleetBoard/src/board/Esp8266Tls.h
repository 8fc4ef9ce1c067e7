#pragma once

#include <ESP8266WiFi.h>
#include <FleetDevice.h>

#include <memory>

#include "Identity.h"

namespace fleet {

class Tls : public BearSSL::WiFiClientSecure {
 public:
  explicit Tls(const FleetSecrets& secrets) : secrets_(secrets) {}
  /// Reads the secrets, as they are now; the certificate once until forget(), since a stream gives it once.
  void begin();
  /// There are other secrets, for the next begin().
  void forget() {
    certificate_.reset();
    session_ = BearSSL::Session();  // a session that is resumed is still that of the former certificate
  }
  int connect(const char* host, uint16_t port) override;
  using BearSSL::WiFiClientSecure::connect;
  /// What a later connection can resume, if the broker does.
  const BearSSL::Session& session() const { return session_; }
  void setResumed(const BearSSL::Session& session) { session_ = session; }
  /// Why the last attempt failed, or the connection ended. May block for 5 s, to see whether anybody answers.
  FleetFailure failure();

 private:
  const FleetSecrets& secrets_;
  // The client keeps pointers to all of these.
  std::unique_ptr<BearSSL::X509List> roots_;
  std::unique_ptr<BearSSL::X509List> certificate_;
  std::unique_ptr<BearSSL::PrivateKey> privateKey_;
  BearSSL::Session session_;  // a reconnection that resumes it costs a seventieth of a full handshake
  IPAddress address_;
  uint16_t port_ = 0;
  bool resolved_ = true;
  bool failed_ = false;
  uint32_t tookMs_ = 0;
};

}  // namespace fleet
