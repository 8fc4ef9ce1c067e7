#include "WiFiClientSecure.h"

#include <time.h>
#include <unistd.h>

#include <algorithm>

#include "ESP8266WiFi.h"

namespace BearSSL {
namespace {

const uint32_t kHandshakeTimeoutMs = 15000;
const uint32_t kTimeoutMs = 5000;

/// BearSSL chooses by processor; on the ESP8266, which multiplies 16 bits at a time, it takes these.
void selectImplementations(br_ssl_client_context* client, br_x509_minimal_context* x509) {
  br_ssl_engine_context* engine = &client->eng;
  br_ssl_client_set_rsapub(client, br_rsa_i15_public);
  br_ssl_engine_set_rsavrfy(engine, br_rsa_i15_pkcs1_vrfy);
  br_ssl_engine_set_ec(engine, &br_ec_all_m15);
  br_ssl_engine_set_ecdsa(engine, br_ecdsa_i15_vrfy_asn1);
  br_ssl_engine_set_aes_cbc(engine, &br_aes_ct_cbcenc_vtable, &br_aes_ct_cbcdec_vtable);
  br_ssl_engine_set_aes_ctr(engine, &br_aes_ct_ctr_vtable);
  br_ssl_engine_set_aes_ctrcbc(engine, &br_aes_ct_ctrcbc_vtable);
  br_ssl_engine_set_ghash(engine, br_ghash_ctmul32);
  br_ssl_engine_set_chacha20(engine, br_chacha20_ct_run);
  br_ssl_engine_set_poly1305(engine, br_poly1305_ctmul32_run);
  br_x509_minimal_set_rsa(x509, br_rsa_i15_pkcs1_vrfy);
  br_x509_minimal_set_ecdsa(x509, &br_ec_all_m15, br_ecdsa_i15_vrfy_asn1);
}

}  // namespace

struct WiFiClientSecure::Engine {
  br_ssl_client_context client;
  std::unique_ptr<br_x509_minimal_context> x509;  ///< only while there is a handshake
  Bytes receive;
  Bytes send;
};

WiFiClientSecure::WiFiClientSecure() = default;
WiFiClientSecure::~WiFiClientSecure() = default;

void WiFiClientSecure::setClientECCert(const X509List* chain, const PrivateKey* key, unsigned usages,
                                       unsigned issuerKeyType) {
  chain_ = chain;
  key_ = key;
  usages_ = usages;
  issuerKeyType_ = issuerKeyType;
}

void WiFiClientSecure::setClientRSACert(const X509List* chain, const PrivateKey* key) {
  chain_ = chain;
  key_ = key;
}

void WiFiClientSecure::setBufferSizes(int receive, int send) {
  receiveSize_ = static_cast<size_t>(std::max(512, std::min(16384, receive))) + 325;
  sendSize_ = static_cast<size_t>(std::max(512, std::min(16384, send))) + 85;
}

int WiFiClientSecure::connect(const char* host, uint16_t) {
  IPAddress address;
  if (!WiFi.hostByName(host, address)) return 0;
  if (!socket_.connect(address.v4(), kTimeoutMs)) return 0;
  setUpEngine();
  if (!br_ssl_client_reset(&engine_->client, host, session_ != nullptr)) return 0;
  handshakeDone_ = runUntil(BR_SSL_SENDAPP, kHandshakeTimeoutMs);
  engine_->x509.reset();
  return handshakeDone_;
}

void WiFiClientSecure::setUpEngine() {
  engine_.reset(new Engine{});
  engine_->x509.reset(new br_x509_minimal_context);
  br_ssl_engine_context* engine = &engine_->client.eng;
  br_ssl_client_init_full(&engine_->client, engine_->x509.get(), anchors_ ? anchors_->getTrustAnchors() : nullptr,
                          anchors_ ? anchors_->getCount() : 0);
  selectImplementations(&engine_->client, engine_->x509.get());
  br_ssl_engine_add_flags(engine, BR_OPT_NO_RENEGOTIATION);
  // BearSSL counts days from the year 0.
  const time_t now = time(nullptr);
  br_x509_minimal_set_time(engine_->x509.get(), static_cast<uint32_t>(now / 86400 + 719528),
                           static_cast<uint32_t>(now % 86400));
  engine_->receive.resize(receiveSize_);
  engine_->send.resize(sendSize_);
  br_ssl_engine_set_buffers_bidi(engine, engine_->receive.data(), receiveSize_, engine_->send.data(), sendSize_);
  if (key_ != nullptr && key_->isRSA()) {
    br_ssl_client_set_single_rsa(&engine_->client, chain_->getX509Certs(), chain_->getCount(), key_->getRSA(),
                                 br_rsa_i15_pkcs1_sign);
  } else if (key_ != nullptr && key_->isEC()) {
    br_ssl_client_set_single_ec(&engine_->client, chain_->getX509Certs(), chain_->getCount(), key_->getEC(), usages_,
                                issuerKeyType_, &br_ec_all_m15, br_ecdsa_i15_sign_asn1);
  }
  uint8_t seed[32];  // BearSSL asks the operating system itself, where there is one: not on the chip
  if (getentropy(seed, sizeof(seed)) == 0) br_ssl_engine_inject_entropy(engine, seed, sizeof(seed));
  if (session_ != nullptr) br_ssl_engine_set_session_parameters(engine, session_->getSession());
}

/// Moves records until the engine can do what is asked; false when it cannot within the time, or ever.
bool WiFiClientSecure::runUntil(unsigned target, uint32_t timeoutMs) {
  if (engine_ == nullptr) return false;
  br_ssl_engine_context* engine = &engine_->client.eng;
  const uint32_t since = millis();
  for (;;) {
    const unsigned state = br_ssl_engine_current_state(engine);
    if (state & BR_SSL_CLOSED) return false;
    size_t size;
    if (state & BR_SSL_SENDREC) {
      const unsigned char* record = br_ssl_engine_sendrec_buf(engine, &size);
      const int put = socket_.write(record, size);
      if (put < 0) return false;
      if (put > 0) br_ssl_engine_sendrec_ack(engine, static_cast<size_t>(put));
      continue;
    }
    if (state & target) return true;
    if (state & BR_SSL_RECVREC) {
      unsigned char* record = br_ssl_engine_recvrec_buf(engine, &size);
      const int got = socket_.read(record, size);
      if (got < 0) return false;
      if (got > 0) {
        br_ssl_engine_recvrec_ack(engine, static_cast<size_t>(got));
        continue;
      }
    }
    br_ssl_engine_flush(engine, 0);
    const uint32_t elapsed = millis() - since;
    if (elapsed >= timeoutMs) return false;
    if (!(br_ssl_engine_current_state(engine) & BR_SSL_SENDREC)) socket_.wait(timeoutMs - elapsed);
  }
}

size_t WiFiClientSecure::write(const uint8_t* bytes, size_t count) {
  size_t sent = 0;
  while (sent < count && connected() && runUntil(BR_SSL_SENDAPP, kTimeoutMs)) {
    size_t room;
    unsigned char* to = br_ssl_engine_sendapp_buf(&engine_->client.eng, &room);
    const size_t step = std::min(room, count - sent);
    memcpy(to, bytes + sent, step);
    br_ssl_engine_sendapp_ack(&engine_->client.eng, step);
    br_ssl_engine_flush(&engine_->client.eng, 0);
    sent += step;
    runUntil(BR_SSL_SENDAPP, kTimeoutMs);
  }
  return sent;
}

int WiFiClientSecure::available() {
  if (!handshakeDone_ || !runUntil(BR_SSL_RECVAPP, 0)) return 0;
  size_t size;
  br_ssl_engine_recvapp_buf(&engine_->client.eng, &size);
  return static_cast<int>(size);
}

int WiFiClientSecure::read() {
  uint8_t byte;
  return read(&byte, 1) == 1 ? byte : -1;
}

// 0 when there is nothing to read yet: so does the ESP8266, unlike the ESP32.
int WiFiClientSecure::read(uint8_t* bytes, size_t count) {
  if (!handshakeDone_) return -1;
  if (available() == 0) return connected() ? 0 : -1;
  size_t size;
  const unsigned char* from = br_ssl_engine_recvapp_buf(&engine_->client.eng, &size);
  const size_t step = std::min(size, count);
  memcpy(bytes, from, step);
  br_ssl_engine_recvapp_ack(&engine_->client.eng, step);
  return static_cast<int>(step);
}

uint8_t WiFiClientSecure::connected() {
  if (!handshakeDone_) return false;
  if (available() > 0) return true;
  return socket_.isOpen() && br_ssl_engine_current_state(&engine_->client.eng) != BR_SSL_CLOSED;
}

void WiFiClientSecure::stop() {
  if (handshakeDone_ && session_ != nullptr) {
    br_ssl_engine_get_session_parameters(&engine_->client.eng, session_->getSession());
  }
  socket_.close();
  engine_.reset();
  handshakeDone_ = false;
}

// As in the core, an alert of the other side comes without its mark: only the words tell it from an error found here.
int WiFiClientSecure::getLastSSLError(char* words, size_t size) {
  const int error = engine_ == nullptr ? 0 : br_ssl_engine_last_error(&engine_->client.eng);
  const bool received = error & BR_ERR_RECV_FATAL_ALERT;
  if (words != nullptr && size > 0) snprintf(words, size, "%s", received ? "SSL received fatal alert - " : "");
  return error & ~(BR_ERR_RECV_FATAL_ALERT | BR_ERR_SEND_FATAL_ALERT);
}

}  // namespace BearSSL
