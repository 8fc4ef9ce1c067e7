// The payload of a command.
#include <fleet/JsonBool.h>
#include <string.h>

#include <string>

#include "must.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t count) {
  const std::string json(reinterpret_cast<const char*>(bytes), count);
  for (const char* name : {"relay", ""}) {
    bool value = false, again = true;
    const bool found = fleetJsonBool(json.c_str(), name, value);
    MUST(found == fleetJsonBool(json.c_str(), name, again));
    if (!found) continue;
    MUST(value == again);
    MUST(strstr(json.c_str(), (std::string("\"") + name + "\"").c_str()) != nullptr);
    MUST(strstr(json.c_str(), value ? "true" : "false") != nullptr);
  }
  return 0;
}
