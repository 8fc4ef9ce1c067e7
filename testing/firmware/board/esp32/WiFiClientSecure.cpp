#include "WiFiClientSecure.h"

#include <mbedtls/error.h>
#include <mbedtls/net_sockets.h>

#include "WiFi.h"

namespace {

int sendBytes(void* socket, const unsigned char* bytes, size_t count) {
  const int put = static_cast<TcpSocket*>(socket)->write(bytes, count);
  return put > 0 ? put : put == 0 ? MBEDTLS_ERR_SSL_WANT_WRITE : MBEDTLS_ERR_NET_SEND_FAILED;
}

int receiveBytes(void* socket, unsigned char* bytes, size_t count) {
  const int got = static_cast<TcpSocket*>(socket)->read(bytes, count);
  return got > 0 ? got : got == 0 ? MBEDTLS_ERR_SSL_WANT_READ : 0;
}

bool wantsMore(int result) {
  return result == MBEDTLS_ERR_SSL_WANT_READ || result == MBEDTLS_ERR_SSL_WANT_WRITE;
}

/// The core is built without MBEDTLS_HAVE_TIME_DATE, Debian's library with it: so the dates are left out of account
/// here.
int ignoreDates(void*, mbedtls_x509_crt*, int, uint32_t* flags) {
  *flags &= ~static_cast<uint32_t>(MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE);
  return 0;
}

}  // namespace

WiFiClientSecure::Engine::Engine() {
  mbedtls_ssl_init(&ssl);
  mbedtls_ssl_config_init(&config);
  mbedtls_entropy_init(&entropy);
  mbedtls_ctr_drbg_init(&random);
  mbedtls_x509_crt_init(&roots);
  mbedtls_x509_crt_init(&certificate);
  mbedtls_pk_init(&privateKey);
}

WiFiClientSecure::Engine::~Engine() {
  mbedtls_ssl_free(&ssl);
  mbedtls_ssl_config_free(&config);
  mbedtls_ctr_drbg_free(&random);
  mbedtls_entropy_free(&entropy);
  mbedtls_x509_crt_free(&roots);
  mbedtls_x509_crt_free(&certificate);
  mbedtls_pk_free(&privateKey);
}

int WiFiClientSecure::connect(const char* host, uint16_t) {
  lastError_ = start(host);
  connected_ = lastError_ >= 0;
  if (!connected_) stop();
  return connected_;
}

// The core gives back its socket, or an error: -1 for what mbedTLS has no number for.
int WiFiClientSecure::start(const char* host) {
  IPAddress address;
  if (!WiFi.hostByName(host, address)) return -1;
  if (!socket_.connect(address.v4(), static_cast<uint32_t>(_timeout))) return -1;
  sslclient->socket = socket_.descriptor();
  const int error = setUpEngine(host);
  return error != 0 ? error : handshake();
}

int WiFiClientSecure::setUpEngine(const char* host) {
  delete engine_;
  engine_ = new Engine;
  Engine& e = *engine_;
  const auto pem = [](const char* text) { return reinterpret_cast<const unsigned char*>(text); };
  int error = mbedtls_ctr_drbg_seed(&e.random, mbedtls_entropy_func, &e.entropy, nullptr, 0);
  if (error == 0) {
    error = mbedtls_ssl_config_defaults(&e.config, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM,
                                        MBEDTLS_SSL_PRESET_DEFAULT);
  }
  if (error == 0) error = mbedtls_x509_crt_parse(&e.roots, pem(roots_), strlen(roots_) + 1);
  if (error == 0) error = mbedtls_x509_crt_parse(&e.certificate, pem(certificate_), strlen(certificate_) + 1);
  if (error == 0) error = mbedtls_pk_parse_key(&e.privateKey, pem(privateKey_), strlen(privateKey_) + 1, nullptr, 0);
  if (error == 0) error = mbedtls_ssl_conf_own_cert(&e.config, &e.certificate, &e.privateKey);
  if (error == 0) error = mbedtls_ssl_set_hostname(&e.ssl, host);
  if (error != 0) return error;
  if (alpn_ != nullptr) error = mbedtls_ssl_conf_alpn_protocols(&e.config, alpn_);
  if (error != 0) return error;
  mbedtls_ssl_conf_authmode(&e.config, MBEDTLS_SSL_VERIFY_REQUIRED);
  mbedtls_ssl_conf_ca_chain(&e.config, &e.roots, nullptr);
  mbedtls_ssl_conf_verify(&e.config, ignoreDates, nullptr);
  mbedtls_ssl_conf_rng(&e.config, mbedtls_ctr_drbg_random, &e.random);
  mbedtls_ssl_set_bio(&e.ssl, &socket_, sendBytes, receiveBytes, nullptr);
  return mbedtls_ssl_setup(&e.ssl, &e.config);
}

int WiFiClientSecure::handshake() {
  const uint32_t since = millis();
  for (;;) {
    const int result = mbedtls_ssl_handshake(&engine_->ssl);
    if (!wantsMore(result)) return result;
    const uint32_t elapsed = millis() - since;
    if (elapsed > handshakeTimeoutMs_) return -1;
    socket_.wait(static_cast<uint32_t>(handshakeTimeoutMs_) + 1 - elapsed);
  }
}

size_t WiFiClientSecure::write(const uint8_t* bytes, size_t count) {
  size_t sent = 0;
  const uint32_t since = millis();
  while (connected_ && sent < count) {
    const int put = mbedtls_ssl_write(&engine_->ssl, bytes + sent, count - sent);
    if (put > 0) {
      sent += static_cast<size_t>(put);
    } else if (!wantsMore(put) || millis() - since >= static_cast<uint32_t>(_timeout)) {
      stop();
      return 0;
    }
  }
  return sent;
}

// As in the core, the end of TCP without a close_notify goes unnoticed: mbedTLS gives 0 for it.
int WiFiClientSecure::available() {
  if (!connected_) return 0;
  const int result = mbedtls_ssl_read(&engine_->ssl, nullptr, 0);
  const size_t count = mbedtls_ssl_get_bytes_avail(&engine_->ssl);
  if (count == 0 && result != 0 && !wantsMore(result)) stop();
  return static_cast<int>(count);
}

int WiFiClientSecure::read() {
  uint8_t byte;
  return read(&byte, 1) == 1 ? byte : -1;
}

// -1 when there is nothing to read yet: so does the ESP32, unlike the ESP8266.
int WiFiClientSecure::read(uint8_t* bytes, size_t count) {
  if (available() == 0) return -1;
  return mbedtls_ssl_read(&engine_->ssl, bytes, count);
}

uint8_t WiFiClientSecure::connected() {
  available();
  return connected_;
}

void WiFiClientSecure::stop() {
  socket_.close();
  sslclient->socket = -1;
  delete engine_;
  engine_ = nullptr;
  connected_ = false;
}

int WiFiClientSecure::lastError(char* words, size_t size) {
  mbedtls_strerror(lastError_, words, size);
  return lastError_;
}
