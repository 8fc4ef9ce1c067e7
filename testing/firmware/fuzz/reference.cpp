// Apart from what is fuzzed, since it takes long to compile.
#include "reference.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace {

const int kNumberTooLarge = 406;

class Reader : public nlohmann::json_sax<nlohmann::json> {
 public:
  ReferenceJson json;

  bool null() override { return other(); }
  bool boolean(bool value) override {
    if (isMember()) json.booleans[name_] = value;
    return true;
  }
  bool number_integer(number_integer_t) override { return other(); }
  bool number_unsigned(number_unsigned_t) override { return other(); }
  bool number_float(number_float_t, const string_t&) override { return other(); }
  bool binary(binary_t&) override { return other(); }
  bool string(string_t& text) override {
    if (isMember()) json.strings += name_.substr(0, 31) + "\1" + text + "\2";
    return other();
  }
  bool start_object(size_t) override {
    if (depth_ == 0) json.isObject = true;
    return opens();
  }
  bool end_object() override { return depth_--, true; }
  bool start_array(size_t) override { return opens(); }
  bool end_array() override { return depth_--, true; }
  bool key(string_t& name) override {
    if (depth_ == 1) name_ = name;
    return true;
  }
  bool parse_error(size_t, const std::string&, const nlohmann::detail::exception& error) override {
    json.tooLarge = error.id == kNumberTooLarge;
    return false;
  }

 private:
  int depth_ = 0;
  std::string name_;

  bool isMember() const { return depth_ == 1 && json.isObject; }
  bool other() {
    if (isMember()) json.booleans.erase(name_);
    return true;
  }
  bool opens() {
    other();
    json.depth = std::max(json.depth, ++depth_);
    return true;
  }
};

}  // namespace

ReferenceJson referenceJson(const std::string& text) {
  Reader reader;
  reader.json.valid = nlohmann::json::sax_parse(text, &reader);
  return reader.json;
}
