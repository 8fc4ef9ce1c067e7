#pragma once

#include <FleetDevice.h>
#include <WiFi.h>
#include <WiFiClientSecure.h>

#include "Identity.h"

namespace fleet {

/**
 * The dates of certificates it leaves alone: mbedTLS, as the Arduino core builds it, is without MBEDTLS_HAVE_TIME_DATE.
 * So it needs no clock, and an expired certificate of the broker goes unnoticed. Its chain and its host name are
 * verified in every connection.
 */
class Tls : public WiFiClientSecure {
 public:
  explicit Tls(const FleetSecrets& secrets) : secrets_(secrets) {}
  void begin();
  int connect(const char* host, uint16_t port) override;
  using WiFiClientSecure::connect;
  /// Notices the end of TCP too, which mbedTLS takes for "nothing to read yet".
  uint8_t connected() override;
  FleetFailure failure();

 private:
  const FleetSecrets& secrets_;
  bool resolved_ = true;
  uint32_t tookMs_ = 0;
};

}  // namespace fleet
