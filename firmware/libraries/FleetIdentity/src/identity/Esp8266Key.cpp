#ifdef ESP8266

#include <Arduino.h>
#include <ESP8266WiFi.h>
#include <StackThunk.h>

#include "DerWriter.h"
#include "Key.h"

/*
  BearSSL takes more stack for a curve than a sketch has, so these run on the core's second stack, as TLS does. It is
  there as long as any TLS client is.
*/
extern "C" {

/// What goes in and comes out; the signature is in ASN.1.
struct FleetCurveWork {
  const br_ec_impl* curve;
  uint8_t seed[32];
  uint8_t key[32];
  uint8_t point[65];
  uint8_t hash[32];
  uint8_t signature[72];
};

bool fleetMakeKey(FleetCurveWork* work) {
  br_hmac_drbg_context random;
  br_hmac_drbg_init(&random, &br_sha256_vtable, work->seed, sizeof(work->seed));
  return br_ec_keygen(&random.vtable, work->curve, nullptr, work->key, BR_EC_secp256r1) == sizeof(work->key);
}

bool fleetPublicKey(FleetCurveWork* work) {
  const br_ec_private_key key = {BR_EC_secp256r1, work->key, sizeof(work->key)};
  return br_ec_compute_pub(work->curve, nullptr, work->point, &key) == sizeof(work->point);
}

size_t fleetSign(FleetCurveWork* work) {
  const br_ec_private_key key = {BR_EC_secp256r1, work->key, sizeof(work->key)};
  return br_ecdsa_i15_sign_asn1(work->curve, &br_sha256_vtable, work->hash, &key, work->signature);
}

make_stack_thunk(fleetMakeKey);
make_stack_thunk(fleetPublicKey);
make_stack_thunk(fleetSign);
extern bool thunk_fleetMakeKey(FleetCurveWork* work);
extern bool thunk_fleetPublicKey(FleetCurveWork* work);
extern size_t thunk_fleetSign(FleetCurveWork* work);
}

namespace fleet {

namespace {

const uint8_t kEcPublicKeyP256[] PROGMEM = {0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
                                            0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
const uint8_t kEcdsaWithSha256[] PROGMEM = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};
const uint8_t kCommonName[] PROGMEM = {0x06, 0x03, 0x55, 0x04, 0x03};
enum : uint8_t { kInteger = 0x02, kBitString = 0x03, kUtf8String = 0x0c, kSequence = 0x30, kSet = 0x31 };

/// Overwrites the key at the end.
struct Work : FleetCurveWork {
  Work() { curve = &br_ec_p256_m15; }
  ~Work() {
    for (volatile uint8_t* at = key; at < key + sizeof(key); at++) *at = 0;
    for (volatile uint8_t* at = seed; at < seed + sizeof(seed); at++) *at = 0;
  }
};

/// CertificationRequestInfo (RFC 2986, 4.1).
void writeInfo(DerWriter& der, const uint8_t (&point)[65], const char* name) {
  const size_t info = der.size();
  der.head(0xa0, 0);  // no attributes
  const size_t keyInfo = der.size();
  der.bytes(point, sizeof(point));
  der.byte(0);  // no unused bits
  der.head(kBitString, sizeof(point) + 1);
  der.flash(kEcPublicKeyP256, sizeof(kEcPublicKeyP256));
  der.head(kSequence, der.size() - keyInfo);
  const size_t subject = der.size();
  der.bytes(name, strlen(name));
  der.head(kUtf8String, strlen(name));
  der.flash(kCommonName, sizeof(kCommonName));
  der.head(kSequence, der.size() - subject);
  der.head(kSet, der.size() - subject);
  der.head(kSequence, der.size() - subject);
  der.byte(0);  // version 1
  der.head(kInteger, 1);
  der.head(kSequence, der.size() - info);
}

}  // namespace

bool makeKey(PrivateKey& key) {
  Work work;
  ESP.random(work.seed, sizeof(work.seed));
  const bool made = thunk_fleetMakeKey(&work);
  if (made) memcpy(key, work.key, sizeof(key));
  return made;
}

// DER is written from its end, where the lengths of what stands behind are known. So the signature would have to come
// first, and what it signs before that: it is written twice, once to be signed.
const uint8_t* writeRequestDer(const PrivateKey& key, const char* name, uint8_t (&to)[kRequestBytes]) {
  const size_t length = strlen(name);
  if (length == 0 || length > 64) return nullptr;
  Work work;
  memcpy(work.key, key, sizeof(key));
  if (!thunk_fleetPublicKey(&work)) return nullptr;

  DerWriter toSign(to, sizeof(to));
  writeInfo(toSign, work.point, name);
  br_sha256_context sha;
  br_sha256_init(&sha);
  br_sha256_update(&sha, toSign.begin(), toSign.size());
  br_sha256_out(&sha, work.hash);
  const size_t signatureBytes = thunk_fleetSign(&work);
  if (signatureBytes == 0) return nullptr;

  DerWriter der(to, sizeof(to));
  der.bytes(work.signature, signatureBytes);
  der.byte(0);  // no unused bits
  der.head(kBitString, signatureBytes + 1);
  der.flash(kEcdsaWithSha256, sizeof(kEcdsaWithSha256));
  writeInfo(der, work.point, name);
  der.head(kSequence, der.size());
  return der.fits() ? der.begin() : nullptr;
}

}  // namespace fleet

#endif
