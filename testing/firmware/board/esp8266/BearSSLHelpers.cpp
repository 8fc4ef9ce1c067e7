#include "BearSSLHelpers.h"

#include <pgmspace.h>
#include <string.h>

#include <string>

namespace BearSSL {
namespace {

void append(void* to, const void* bytes, size_t count) {
  const auto* from = static_cast<const unsigned char*>(bytes);
  static_cast<Bytes*>(to)->insert(static_cast<Bytes*>(to)->end(), from, from + count);
}

/// The objects in a PEM file whose names end in `kind`.
std::vector<Bytes> decodePem(const char* pem, const char* kind) {
  std::vector<Bytes> objects;
  br_pem_decoder_context decoder;
  br_pem_decoder_init(&decoder);
  Bytes object;
  bool wanted = false;
  std::string text(strlen_P(pem) + 1, '\n');
  memcpy_P(&text[0], pem, text.size() - 1);  // it stands in flash
  for (size_t at = 0; at < text.size();) {
    at += br_pem_decoder_push(&decoder, text.data() + at, text.size() - at);
    const int event = br_pem_decoder_event(&decoder);
    if (event == BR_PEM_BEGIN_OBJ) {
      const std::string name = br_pem_decoder_name(&decoder);
      wanted = name.size() >= strlen(kind) && name.compare(name.size() - strlen(kind), std::string::npos, kind) == 0;
      object.clear();
      br_pem_decoder_setdest(&decoder, append, &object);
    } else if (event == BR_PEM_END_OBJ && wanted) {
      objects.push_back(object);
    }
  }
  return objects;
}

/// Points at a copy of a number.
void keep(std::vector<Bytes>& numbers, unsigned char*& number, size_t size) {
  numbers.emplace_back(number, number + size);
  number = numbers.back().data();
}

}  // namespace

PrivateKey::PrivateKey(const char* pem) {
  const std::unique_ptr<br_skey_decoder_context> decoder(new br_skey_decoder_context);
  br_skey_decoder_init(decoder.get());
  for (const Bytes& der : decodePem(pem, "PRIVATE KEY")) br_skey_decoder_push(decoder.get(), der.data(), der.size());
  if (const br_ec_private_key* key = br_skey_decoder_get_ec(decoder.get())) {
    ec_.reset(new br_ec_private_key(*key));
    keep(numbers_, ec_->x, ec_->xlen);
  } else if (const br_rsa_private_key* key = br_skey_decoder_get_rsa(decoder.get())) {
    rsa_.reset(new br_rsa_private_key(*key));
    keep(numbers_, rsa_->p, rsa_->plen);
    keep(numbers_, rsa_->q, rsa_->qlen);
    keep(numbers_, rsa_->dp, rsa_->dplen);
    keep(numbers_, rsa_->dq, rsa_->dqlen);
    keep(numbers_, rsa_->iq, rsa_->iqlen);
  }
}

PrivateKey::~PrivateKey() = default;

X509List::X509List(const char* pem) : ders_(decodePem(pem, "CERTIFICATE")), names_(ders_.size()) {
  decode();
}

X509List::X509List(Stream& stream) {
  std::string pem;
  while (stream.available() > 0) pem += static_cast<char>(stream.read());
  ders_ = decodePem(pem.c_str(), "CERTIFICATE");
  names_.resize(ders_.size());
  decode();
}

X509List::~X509List() = default;

void X509List::decode() {
  const std::unique_ptr<br_x509_decoder_context> decoder(new br_x509_decoder_context);
  for (size_t i = 0; i < ders_.size(); i++) {
    certificates_.push_back({ders_[i].data(), ders_[i].size()});
    br_x509_decoder_init(decoder.get(), append, &names_[i]);
    br_x509_decoder_push(decoder.get(), ders_[i].data(), ders_[i].size());
    if (br_x509_decoder_get_pkey(decoder.get()) == nullptr) continue;
    br_x509_pkey key = *br_x509_decoder_get_pkey(decoder.get());
    if (key.key_type == BR_KEYTYPE_RSA) {
      keep(numbers_, key.key.rsa.n, key.key.rsa.nlen);
      keep(numbers_, key.key.rsa.e, key.key.rsa.elen);
    } else {
      keep(numbers_, key.key.ec.q, key.key.ec.qlen);
    }
    names_[i].shrink_to_fit();
    const unsigned flags = br_x509_decoder_isCA(decoder.get()) ? BR_X509_TA_CA : 0;
    anchors_.push_back({{names_[i].data(), names_[i].size()}, flags, key});
  }
}

}  // namespace BearSSL
