#pragma once

#include <stddef.h>
#include <stdint.h>

namespace fleet {

/// The private key of a board: a number of the curve P-256, big-endian.
typedef uint8_t PrivateKey[32];

/// Of the longest name, with room to spare.
const size_t kRequestBytes = 384;

/// Makes a key with the chip's generator of random numbers, which is one only while the radio is on. False: it failed.
bool makeKey(PrivateKey& key);

/**
 * Writes a certificate signing request (PKCS #10, RFC 2986) in DER, signed by the key (ECDSA with SHA-256).
 *
 * @param name the common name of its subject: 1 to 64 characters of UTF-8
 * @return where it begins in `to`, which it fills to the end; null when it failed
 */
const uint8_t* writeRequestDer(const PrivateKey& key, const char* name, uint8_t (&to)[kRequestBytes]);

/// The key as ECPrivateKey in DER (RFC 5915), without the public key.
const size_t kKeyDerBytes = 51;
void writeKeyDer(const PrivateKey& key, uint8_t (&to)[kKeyDerBytes]);

}  // namespace fleet
