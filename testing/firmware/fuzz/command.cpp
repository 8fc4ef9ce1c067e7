// The payload of a command, against another parser.
#include <fleet/JsonBool.h>

#include "must.h"
#include "reference.h"

namespace {

const int kDeepest = 32;

enum class Expected { No, False, True };

Expected expected(const ReferenceJson& json, const char* name) {
  const auto member = json.booleans.find(name);
  if (!json.valid || json.depth > kDeepest || member == json.booleans.end()) return Expected::No;
  return member->second ? Expected::True : Expected::False;
}

/// Whether that parser takes it for something else: a byte order mark it skips, and a NUL is the end for it.
bool isTakenDifferently(const std::string& text) {
  return text.compare(0, 3, "\xef\xbb\xbf") == 0 || text.find('\0') != std::string::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t count) {
  const std::string text(reinterpret_cast<const char*>(bytes), count);
  const ReferenceJson json = isTakenDifferently(text) ? ReferenceJson() : referenceJson(text);
  for (const char* name : {"relay", "", "\xc3\xa9"}) {
    bool value = false;
    const bool found = fleetJsonBool(text.data(), text.size(), name, value);
    if (json.tooLarge) continue;
    MUST((!found ? Expected::No : value ? Expected::True : Expected::False) == expected(json, name));
  }
  return 0;
}
