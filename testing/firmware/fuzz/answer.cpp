// JsonStrings, which reads the cloud's answers to a board that enrols, held against another parser.
#include <Arduino.h>
#include <identity/JsonStrings.h>

#include <nlohmann/json.hpp>

#include "must.h"

namespace {

using Json = nlohmann::json;

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

/// The strings of the outermost object, in their order, each name as often as it is there.
class Members : public nlohmann::json_sax<Json> {
 public:
  std::string all;
  bool object = false;

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool string(string_t& text) override {
    if (depth_ == 1 && object) all += name_.substr(0, 31) + "\1" + text + "\2";
    return true;
  }
  bool start_object(size_t) override {
    if (depth_++ == 0) object = true;
    return true;
  }
  bool end_object() override { return depth_--, true; }
  bool start_array(size_t) override { return depth_++, true; }
  bool end_array() override { return depth_--, true; }
  bool key(string_t& name) override {
    if (depth_ == 1) name_ = name;
    return true;
  }
  bool parse_error(size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

 private:
  int depth_ = 0;
  std::string name_;
};

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
  // nlohmann/json takes a NUL for the end of the text.
  if (json.find('\0') != std::string::npos) return 0;
  Members members;
  if (!Json::sax_parse(json, &members) || !members.object) return 0;
  MUST(complete);
  MUST(whole.all == members.all);
  return 0;
}
