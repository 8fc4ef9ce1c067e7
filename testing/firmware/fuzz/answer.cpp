// JsonStrings, which reads the cloud's answers to a board that enrols, held against another parser.
#include <Arduino.h>
#include <identity/JsonStrings.h>

#include "must.h"
#include "reference.h"

namespace {

struct Strings {
  std::string all, text;
};

void take(const char* name, char byte, bool last, void* argument) {
  auto& strings = *static_cast<Strings*>(argument);
  if (!last) {
    strings.text += byte;
    return;
  }
  strings.all += std::string(name) + "\1" + strings.text + "\2";
  strings.text.clear();
}

bool read(const std::string& json, size_t piece, Strings& strings) {
  fleet::JsonStrings reader(take, &strings);
  for (size_t at = 0; at < json.size(); at += piece) reader.take(json.data() + at, std::min(piece, json.size() - at));
  return reader.complete();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string json(reinterpret_cast<const char*>(data), size);
  Strings whole, bytewise;
  const bool complete = read(json, SIZE_MAX, whole);
  MUST(read(json, 1, bytewise) == complete);
  MUST(whole.all == bytewise.all);

  // Characters outside of ASCII are not what certificates are made of: half of a pair, and a mark at the beginning, may
  // be taken differently.
  if (json.find("\\ud") != std::string::npos || json.find("\\uD") != std::string::npos) return 0;
  if (json.compare(0, 3, "\xef\xbb\xbf") == 0) return 0;
  // The other parser takes a NUL for the end of the text.
  if (json.find('\0') != std::string::npos) return 0;
  const ReferenceJson reference = referenceJson(json);
  if (!reference.valid || !reference.isObject) return 0;
  MUST(complete);
  MUST(whole.all == reference.strings);
  return 0;
}
