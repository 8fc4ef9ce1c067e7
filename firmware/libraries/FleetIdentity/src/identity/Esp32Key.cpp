#ifdef ESP32

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/version.h>
#include <mbedtls/x509_csr.h>
#include <stdio.h>
#include <string.h>

#include "Key.h"

namespace fleet {

namespace {

/// mbedTLS's generator, seeded by that of the chip.
class Random {
 public:
  Random() {
    mbedtls_entropy_init(&entropy_);
    mbedtls_ctr_drbg_init(&generator_);
  }
  ~Random() {
    mbedtls_ctr_drbg_free(&generator_);
    mbedtls_entropy_free(&entropy_);
  }
  bool seed() { return mbedtls_ctr_drbg_seed(&generator_, mbedtls_entropy_func, &entropy_, nullptr, 0) == 0; }
  mbedtls_ctr_drbg_context* generator() { return &generator_; }

 private:
  mbedtls_entropy_context entropy_;
  mbedtls_ctr_drbg_context generator_;
};

/// A key of mbedTLS, which is freed, and overwritten by that, at the end.
struct Pair {
  Pair() { mbedtls_pk_init(&key); }
  ~Pair() { mbedtls_pk_free(&key); }
  mbedtls_pk_context key;
};

bool parse(Pair& pair, const PrivateKey& key, Random& random) {
  uint8_t der[kKeyDerBytes];
  writeKeyDer(key, der);
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
  return mbedtls_pk_parse_key(&pair.key, der, sizeof(der), nullptr, 0, mbedtls_ctr_drbg_random, random.generator()) ==
         0;
#else
  (void)random;
  return mbedtls_pk_parse_key(&pair.key, der, sizeof(der), nullptr, 0) == 0;
#endif
}

struct Request {
  Request() { mbedtls_x509write_csr_init(&csr); }
  ~Request() { mbedtls_x509write_csr_free(&csr); }
  mbedtls_x509write_csr csr;
};

}  // namespace

bool makeKey(PrivateKey& key) {
  Random random;
  Pair pair;
  if (!random.seed() || mbedtls_pk_setup(&pair.key, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY)) != 0 ||
      mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(pair.key), mbedtls_ctr_drbg_random,
                          random.generator()) != 0) {
    return false;
  }
  // ECPrivateKey: SEQUENCE, version 1, OCTET STRING of 32 bytes, ... (RFC 5915); written at the end of the buffer
  uint8_t der[128];
  const int size = mbedtls_pk_write_key_der(&pair.key, der, sizeof(der));
  const uint8_t* at = der + sizeof(der) - size;
  const bool asExpected = size > 39 && at[0] == 0x30 && at[2] == 0x02 && at[5] == 0x04 && at[6] == sizeof(key);
  if (asExpected) memcpy(key, at + 7, sizeof(key));
  memset(der, 0, sizeof(der));
  return asExpected;
}

const uint8_t* writeRequestDer(const PrivateKey& key, const char* name, uint8_t (&to)[kRequestBytes]) {
  Random random;
  Pair pair;
  Request request;
  char subject[3 + 64 + 1];
  const int length = snprintf(subject, sizeof(subject), "CN=%s", name);
  if (length <= 3 || length >= static_cast<int>(sizeof(subject))) return nullptr;
  if (!random.seed() || !parse(pair, key, random)) return nullptr;
  if (mbedtls_x509write_csr_set_subject_name(&request.csr, subject) != 0) return nullptr;
  mbedtls_x509write_csr_set_md_alg(&request.csr, MBEDTLS_MD_SHA256);
  mbedtls_x509write_csr_set_key(&request.csr, &pair.key);
  const int size = mbedtls_x509write_csr_der(&request.csr, to, sizeof(to), mbedtls_ctr_drbg_random, random.generator());
  return size > 0 ? to + sizeof(to) - size : nullptr;
}

}  // namespace fleet

#endif
