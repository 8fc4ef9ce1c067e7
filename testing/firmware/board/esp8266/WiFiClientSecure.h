// BearSSL::WiFiClientSecure of the ESP8266's core, over BearSSL with the implementations that the core selects.
#pragma once

#include <Arduino.h>

#include <memory>

#include "BearSSLHelpers.h"
#include "TcpSocket.h"
#include "WiFiClient.h"

namespace BearSSL {

class WiFiClientSecure : public Client {
 public:
  WiFiClientSecure();
  ~WiFiClientSecure() override;
  void setTrustAnchors(const X509List* anchors) { anchors_ = anchors; }
  void setClientECCert(const X509List* chain, const PrivateKey* key, unsigned usages, unsigned issuerKeyType);
  void setClientRSACert(const X509List* chain, const PrivateKey* key);
  void setBufferSizes(int receive, int send);
  void setSession(Session* session) { session_ = session; }
  int getLastSSLError(char* words = nullptr, size_t size = 0);

  /// Not here: it sends no SNI and checks no name.
  int connect(IPAddress, uint16_t) override { return 0; }
  int connect(const char* host, uint16_t port) override;
  size_t write(uint8_t byte) override { return write(&byte, 1); }
  size_t write(const uint8_t* bytes, size_t count) override;
  int available() override;
  int read() override;
  int read(uint8_t* bytes, size_t count) override;
  int peek() override { return -1; }
  void flush() override {}
  void stop() override;
  uint8_t connected() override;
  operator bool() override { return connected(); }

 private:
  struct Engine;

  TcpSocket socket_;
  std::unique_ptr<Engine> engine_;
  bool handshakeDone_ = false;
  size_t receiveSize_ = 16384 + 325;
  size_t sendSize_ = 512 + 85;
  const X509List* anchors_ = nullptr;
  const X509List* chain_ = nullptr;
  const PrivateKey* key_ = nullptr;
  unsigned usages_ = 0;
  unsigned issuerKeyType_ = 0;
  Session* session_ = nullptr;

  void setUpEngine();
  bool runUntil(unsigned target, uint32_t timeoutMs);
};

}  // namespace BearSSL
