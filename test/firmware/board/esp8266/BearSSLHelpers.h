// Keys, certificates and sessions in the form of the ESP8266's core.
#pragma once

#include <bearssl.h>

#include <memory>
#include <vector>

namespace BearSSL {

using Bytes = std::vector<unsigned char>;

class PrivateKey {
 public:
  explicit PrivateKey(const char* pem);
  bool isEC() const { return br_skey_decoder_key_type(&decoder_) == BR_KEYTYPE_EC; }
  bool isRSA() const { return br_skey_decoder_key_type(&decoder_) == BR_KEYTYPE_RSA; }
  const br_ec_private_key* getEC() const { return br_skey_decoder_get_ec(&decoder_); }
  const br_rsa_private_key* getRSA() const { return br_skey_decoder_get_rsa(&decoder_); }

 private:
  br_skey_decoder_context decoder_;  // it holds the key
};

class X509List {
 public:
  explicit X509List(const char* pem);
  size_t getCount() const { return certificates_.size(); }
  const br_x509_certificate* getX509Certs() const { return certificates_.data(); }
  const br_x509_trust_anchor* getTrustAnchors() const { return anchors_.data(); }

 private:
  std::vector<Bytes> ders_;
  std::vector<Bytes> names_;
  std::vector<std::unique_ptr<br_x509_decoder_context>> decoders_;  // they hold the public keys
  std::vector<br_x509_certificate> certificates_;
  std::vector<br_x509_trust_anchor> anchors_;
};

class Session {
 public:
  br_ssl_session_parameters* getSession() { return &parameters_; }

 private:
  br_ssl_session_parameters parameters_ = {};
};

}  // namespace BearSSL
