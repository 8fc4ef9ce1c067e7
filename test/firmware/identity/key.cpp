#include <Arduino.h>
#include <identity/Key.h>

#include "unit.h"

namespace {

std::string hex(const uint8_t* bytes, size_t count) {
  static const char digits[] = "0123456789abcdef";
  std::string text;
  for (size_t i = 0; i < count; i++) {
    text += digits[bytes[i] >> 4];
    text += digits[bytes[i] & 15];
  }
  return text;
}

/// For identity.test.ts, which checks what it reads: a name, the key in DER and the request, in hex.
bool printRequest(const fleet::PrivateKey& key, const std::string& name) {
  uint8_t request[fleet::kRequestBytes];
  const uint8_t* at = fleet::writeRequestDer(key, name.c_str(), request);
  if (at == nullptr) return false;
  uint8_t der[fleet::kKeyDerBytes];
  fleet::writeKeyDer(key, der);
  printf("request %s %s %s\n", name.c_str(), hex(der, sizeof(der)).c_str(),
         hex(at, static_cast<size_t>(request + sizeof(request) - at)).c_str());
  return true;
}

}  // namespace

TEST("key: a request for a name of each length, by a key of its own each") {
  const std::string letters = "kitchen-sensor-0123456789abcdefghijklmnopqrstuvwxyz-0123456789-z";
  for (size_t length = 1; length <= 64; length++) {
    fleet::PrivateKey key;
    CHECK(fleet::makeKey(key));
    CHECK(printRequest(key, letters.substr(0, length)));
  }
}

TEST("key: small numbers keep their zeros") {
  fleet::PrivateKey key = {};
  key[31] = 1;
  CHECK(printRequest(key, "one"));
  key[30] = 0x80;
  CHECK(printRequest(key, "small"));
}

TEST("key: no request for a name that X.520 does not allow") {
  fleet::PrivateKey key;
  CHECK(fleet::makeKey(key));
  CHECK(!printRequest(key, ""));
  CHECK(!printRequest(key, std::string(65, 'x')));  // ub-common-name is 64
}
