#ifdef ESP32

#include "Esp32Tls.h"

#include <errno.h>
#include <lwip/sockets.h>

namespace fleet {

namespace {

/// What AWS IoT Core wants to hear on port 443 (Developer Guide, "Device communication protocols").
const char* kAlpn[] = {"x-amzn-mqtt-ca", nullptr};
const uint16_t kHttpsPort = 443;

}  // namespace

void Tls::begin() {
  setCACert(secrets_.roots);
  setCertificate(secrets_.certificate);
  setPrivateKey(secrets_.privateKey);
  setHandshakeTimeout(FLEET_TLS_TIMEOUT_MS / 1000);
  setAlpnProtocols(secrets_.port == kHttpsPort ? kAlpn : nullptr);
}

int Tls::connect(const char* host, uint16_t port) {
  IPAddress address;
  resolved_ = WiFi.hostByName(host, address);
  if (!resolved_) return 0;
  _timeout = FLEET_TCP_TIMEOUT_MS;  // of the core's client: for TCP, and for each write
  const uint32_t since = millis();
  const int connected = WiFiClientSecure::connect(host, port);
  tookMs_ = millis() - since;
  return connected;
}

uint8_t Tls::connected() {
  if (!WiFiClientSecure::connected()) return false;
  if (available() > 0) return true;
  char byte;
  const int there = recv(sslclient->socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (there > 0 || (there < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))) return true;
  stop();
  return false;
}

FleetFailure Tls::failure() {
  if (!resolved_) return fleetDnsFailure();
  char words[80];
  return fleetMbedTlsFailure(lastError(words, sizeof(words)), tookMs_ >= FLEET_TLS_TIMEOUT_MS);
}

}  // namespace fleet

#endif
