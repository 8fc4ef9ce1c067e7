// WiFiClientSecure of the ESP32's core, over mbedTLS.
#pragma once

#include <Arduino.h>
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/ssl.h>

#include "TcpSocket.h"

/// Of the core's own context, the socket.
struct sslclient_context {
  int socket;
};

class WiFiClientSecure : public Client {
 public:
  WiFiClientSecure() = default;
  WiFiClientSecure(const WiFiClientSecure&) = delete;
  WiFiClientSecure& operator=(const WiFiClientSecure&) = delete;
  ~WiFiClientSecure() override { delete engine_; }
  void setCACert(const char* pem) { roots_ = pem; }
  void setCertificate(const char* pem) { certificate_ = pem; }
  void setPrivateKey(const char* pem) { privateKey_ = pem; }
  void setHandshakeTimeout(unsigned long seconds) { handshakeTimeoutMs_ = seconds * 1000; }
  void setAlpnProtocols(const char** protocols) { alpn_ = protocols; }
  int lastError(char* words, size_t size);

  /// Not here: a certificate is for a host name.
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

 protected:
  sslclient_context* sslclient = &context_;
  int _timeout = 30000;  ///< for TCP and for each write, in milliseconds

 private:
  struct Engine {
    Engine();
    ~Engine();
    mbedtls_ssl_context ssl;
    mbedtls_ssl_config config;
    mbedtls_entropy_context entropy;
    mbedtls_ctr_drbg_context random;
    mbedtls_x509_crt roots;
    mbedtls_x509_crt certificate;
    mbedtls_pk_context privateKey;
  };

  TcpSocket socket_{true};
  sslclient_context context_ = {-1};
  Engine* engine_ = nullptr;
  bool connected_ = false;
  int lastError_ = 0;
  unsigned long handshakeTimeoutMs_ = 120000;
  const char** alpn_ = nullptr;
  const char* roots_ = nullptr;
  const char* certificate_ = nullptr;
  const char* privateKey_ = nullptr;

  int start(const char* host);
  int setUpEngine(const char* host);
  int handshake();
};
