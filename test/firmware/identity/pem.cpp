#include <Arduino.h>
#include <identity/Pem.h>

#include "unit.h"

namespace {

class Text : public Print {
 public:
  size_t write(uint8_t byte) override { return text += static_cast<char>(byte), 1; }
  std::string text;
};

std::string pemOf(const std::string& der, const char* lineEnd = "\n") {
  Text out;
  fleet::writePem(out, F("X"), reinterpret_cast<const uint8_t*>(der.data()), der.size(), lineEnd);
  return out.text;
}

}  // namespace

TEST("pem: base64 as in RFC 4648, section 10") {
  const char* cases[][2] = {{"f", "Zg=="},           {"fo", "Zm8="},        {"foo", "Zm9v"},
                            {"foob", "Zm9vYg=="},    {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"},
                            {"\xff\xef\xbe", "/+++"}};
  for (const auto& one : cases) {
    CHECK_EQUAL(pemOf(one[0]), std::string("-----BEGIN X-----\n") + one[1] + "\n-----END X-----\n");
  }
}

TEST("pem: lines of 64 characters, the end of each as it is wanted") {
  const std::string line(64, 'A');
  CHECK_EQUAL(pemOf(std::string(48, '\0')), "-----BEGIN X-----\n" + line + "\n-----END X-----\n");
  CHECK_EQUAL(pemOf(std::string(49, '\0'), "\\n"), "-----BEGIN X-----\\n" + line + "\\nAA==\\n-----END X-----\\n");
}
