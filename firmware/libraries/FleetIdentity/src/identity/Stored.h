#pragma once

#include "Key.h"
#include "Slots.h"

namespace fleet {

/// What the board is to ask the cloud for.
enum class Request : uint8_t {
  None,
  ByCode,      ///< its first identity, or that of another device: somebody typed the line
  ByIdentity,  ///< a new identity in place of the one it has: the cloud said so
};

const size_t kNameBytes = 64 + 1;  ///< of a device, and of a code
const size_t kHostBytes = 128 + 1;

/// What was typed on the serial line, and what is asked for meanwhile.
struct StoredSettings {
  SlotHead head;
  char ssid[32 + 1];      // IEEE 802.11: 32 bytes at most
  char password[64 + 1];  // WPA: 63 characters, or 64 hexadecimal digits
  char device[kNameBytes];
  char code[kNameBytes];
  char host[kHostBytes];
  Request request;
  bool hasKey;
  uint16_t port;
  PrivateKey key;  ///< of what is asked for: the same until it is there, since a code is good for one key alone
};

/// The body of its slot is the certificate in PEM. The slot is marked once the identity was used.
struct StoredIdentity {
  SlotHead head;
  char device[kNameBytes];
  char host[kHostBytes];
  char certificateId[64 + 1];
  uint16_t port;
  PrivateKey key;
};

static_assert(sizeof(StoredSettings) % 4 == 0 && sizeof(StoredSettings) <= Slots::kBodyAt, "whole words");
static_assert(sizeof(StoredIdentity) % 4 == 0 && sizeof(StoredIdentity) <= Slots::kBodyAt, "whole words");

/// The largest certificate; AWS's have some 1,200 bytes.
const size_t kCertificateBytes = 2048;

}  // namespace fleet
