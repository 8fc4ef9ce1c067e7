// Keys, certificates and sessions in the form of the ESP8266's core.
#pragma once

#include <Stream.h>
#include <bearssl.h>

#include <memory>
#include <vector>

namespace BearSSL {

using Bytes = std::vector<unsigned char>;

// As in the core, what is kept is kept on the heap, and no byte more than it takes: so memory can be measured here.

class PrivateKey {
 public:
  explicit PrivateKey(const char* pem);
  ~PrivateKey();
  bool isEC() const { return ec_ != nullptr; }
  bool isRSA() const { return rsa_ != nullptr; }
  const br_ec_private_key* getEC() const { return ec_.get(); }
  const br_rsa_private_key* getRSA() const { return rsa_.get(); }

 private:
  std::unique_ptr<br_ec_private_key> ec_;
  std::unique_ptr<br_rsa_private_key> rsa_;
  std::vector<Bytes> numbers_;  // of the key
};

class X509List {
 public:
  explicit X509List(const char* pem);
  explicit X509List(Stream& stream);
  ~X509List();
  size_t getCount() const { return certificates_.size(); }
  const br_x509_certificate* getX509Certs() const { return certificates_.data(); }
  const br_x509_trust_anchor* getTrustAnchors() const { return anchors_.data(); }

 private:
  std::vector<Bytes> ders_;
  std::vector<Bytes> names_;
  std::vector<Bytes> numbers_;  // of the public keys
  std::vector<br_x509_certificate> certificates_;
  std::vector<br_x509_trust_anchor> anchors_;

  void decode();
};

class Session {
 public:
  br_ssl_session_parameters* getSession() { return &parameters_; }

 private:
  br_ssl_session_parameters parameters_ = {};
};

}  // namespace BearSSL
