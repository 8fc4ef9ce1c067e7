#pragma once

#include <Arduino.h>

namespace fleet {

/**
 * Writes PEM (RFC 7468): lines of 64 characters. By hand: BearSSL and mbedTLS write it into memory with room for all.
 *
 * @param label such as "EC PRIVATE KEY"
 * @param lineEnd what ends a line: in JSON, a backslash and an n
 */
void writePem(Print& out, const __FlashStringHelper* label, const uint8_t* der, size_t size, const char* lineEnd);

}  // namespace fleet
