#include "BearSSLHelpers.h"

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
  const std::string text = std::string(pem) + "\n";
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

}  // namespace

PrivateKey::PrivateKey(const char* pem) {
  br_skey_decoder_init(&decoder_);
  for (const Bytes& der : decodePem(pem, "PRIVATE KEY")) br_skey_decoder_push(&decoder_, der.data(), der.size());
}

X509List::X509List(const char* pem) : ders_(decodePem(pem, "CERTIFICATE")), names_(ders_.size()) {
  for (size_t i = 0; i < ders_.size(); i++) {
    certificates_.push_back({ders_[i].data(), ders_[i].size()});
    decoders_.emplace_back(new br_x509_decoder_context);
    br_x509_decoder_context* decoder = decoders_.back().get();
    br_x509_decoder_init(decoder, append, &names_[i]);
    br_x509_decoder_push(decoder, ders_[i].data(), ders_[i].size());
    const br_x509_pkey* key = br_x509_decoder_get_pkey(decoder);
    if (key == nullptr) continue;
    const unsigned flags = br_x509_decoder_isCA(decoder) ? BR_X509_TA_CA : 0;
    anchors_.push_back({{names_[i].data(), names_[i].size()}, flags, *key});
  }
}

}  // namespace BearSSL
