// The payload of a command, against a parser that many trust: nlohmann/json.
#include <fleet/JsonBool.h>

#include <nlohmann/json.hpp>
#include <string>

#include "must.h"

namespace {

const int kDeepest = 32;
const int kNumberTooLarge = 406;  // JSON has such numbers, that parser has not

enum class Expected { No, False, True };

/// What that parser makes of a text; null when it is none of those that fleetJsonBool() takes.
nlohmann::json parsed(const std::string& json, bool& known) {
  known = true;
  if (json.compare(0, 3, "\xef\xbb\xbf") == 0) return nullptr;  // a byte order mark, which that parser skips
  if (json.find('\0') != std::string::npos) return nullptr;     // which that parser takes for the end
  int deepest = 0;
  try {
    // The depth that it tells is that around a value, from 0.
    auto document = nlohmann::json::parse(json, [&](int depth, nlohmann::json::parse_event_t event, auto&) {
      const bool opens =
          event == nlohmann::json::parse_event_t::object_start || event == nlohmann::json::parse_event_t::array_start;
      if (opens) deepest = std::max(deepest, depth + 1);
      return true;
    });
    return deepest > kDeepest || !document.is_object() ? nullptr : document;
  } catch (const nlohmann::json::out_of_range& error) {
    known = error.id != kNumberTooLarge;
  } catch (const nlohmann::json::exception&) {
  }
  return nullptr;
}

Expected expected(const nlohmann::json& document, const char* name) {
  if (!document.is_object()) return Expected::No;
  const auto member = document.find(name);
  if (member == document.end() || !member->is_boolean()) return Expected::No;
  return member->get<bool>() ? Expected::True : Expected::False;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t count) {
  const std::string json(reinterpret_cast<const char*>(bytes), count);
  bool known;
  const nlohmann::json document = parsed(json, known);
  for (const char* name : {"relay", "", "\xc3\xa9"}) {
    bool value = false;
    const bool found = fleetJsonBool(json.data(), json.size(), name, value);
    if (!known) continue;
    MUST((!found ? Expected::No : value ? Expected::True : Expected::False) == expected(document, name));
  }
  return 0;
}
