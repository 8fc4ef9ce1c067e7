#include <Arduino.h>
#include <identity/JsonStrings.h>

#include <algorithm>

#include "unit.h"

namespace {

/// The strings of an object, as `name=text;`.
struct Read {
  std::string all, text;
  bool good = false, complete = false;
};

void take(const char* name, char byte, bool last, void* argument) {
  auto& read = *static_cast<Read*>(argument);
  if (!last) {
    read.text += byte;
    return;
  }
  read.all += std::string(name) + "=" + read.text + ";";
  read.text.clear();
}

Read readInPieces(const std::string& json, size_t size) {
  Read read;
  fleet::JsonStrings strings(take, &read);
  read.good = true;
  for (size_t at = 0; at < json.size(); at += size) {
    read.good = strings.take(json.data() + at, std::min(size, json.size() - at)) && read.good;
  }
  read.complete = strings.complete();
  return read;
}

}  // namespace

TEST("json: the strings of an object, however it is cut") {
  const std::string json =
      " {\"certificateId\" : \"abc\",\"n\":-1.5e+3,\"x\":{\"certificateId\":\"no\",\"a\":[\"}\\\"\",{}]},"
      "\"pem\":\"-----BEGIN\\n\\u002Bx\\/\\\\\\\"\\u00e9\\u20ac\",\"t\":true,\"e\":\"\",\"z\":[] , \"last\":null}\n";
  for (size_t size = 1; size <= json.size(); size++) {
    const Read read = readInPieces(json, size);
    CHECK(read.complete);
    CHECK_EQUAL(read.all, std::string("certificateId=abc;pem=-----BEGIN\n+x/\\\"\xc3\xa9\xe2\x82\xac;e=;"));
  }
}

TEST("json: what is no object, or no whole one, is not complete") {
  for (const char* json : {"", "[]", "\"x\"", "{", "{\"a\"}", "{\"a\":}", "{\"a\":\"b\"", "{\"a\":\"b",
                           "{\"a\":\"b\",}", "{,}", "{} {}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12g4\"}", "{\"a\":\"\n\"}",
                           "{a:1}", "{\"a\":[}", "{\"a\":\"b\" \"c\":\"d\"}", "{\"a\":1 2}"}) {
    const Read read = readInPieces(json, SIZE_MAX);
    if (read.complete) unitTestFailed(__FILE__, __LINE__, std::string("complete: ") + json);
  }
  CHECK(readInPieces("{}", 1).complete);
}

TEST("json: a name longer than any that is looked for is cut") {
  CHECK_EQUAL(readInPieces("{\"" + std::string(300, 'n') + "\":\"v\"}", 7).all, std::string(31, 'n') + "=v;");
}
