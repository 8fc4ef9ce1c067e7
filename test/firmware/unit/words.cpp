// What failures and states say, and the small things beside the client.
#include <FleetDevice.h>

#include <set>

#include "unit.h"

namespace {

class Text : public Print {
 public:
  size_t write(uint8_t byte) override {
    text += static_cast<char>(byte);
    return 1;
  }
  std::string text;
};

std::string printed(const FleetFailure& failure) {
  Text out;
  CHECK_EQUAL(out.print(failure), out.text.size());
  return out.text;
}

std::string text(const __FlashStringHelper* flash) {
  return reinterpret_cast<const char*>(flash);
}

bool contains(const std::string& all, const std::string& part) {
  return all.find(part) != std::string::npos;
}

}  // namespace

TEST("words: a failure prints stage, number, cause and fix") {
  CHECK_EQUAL(printed(fleetDnsFailure()),
              std::string("DNS (0): the name of the broker has no address -> check AWS_IOT_ENDPOINT in secrets.h, and "
                          "whether this network reaches the internet"));
  CHECK_EQUAL(printed(FleetFailure()), std::string("nothing"));
}

TEST("words: every stage and every state has a name of its own") {
  std::set<std::string> stages, states;
  for (int i = 0; i <= static_cast<int>(FleetStage::Mqtt); i++) stages.insert(text(fleetStageToString(FleetStage(i))));
  for (int i = 0; i <= static_cast<int>(FleetState::Connected); i++)
    states.insert(text(fleetStateToString(FleetState(i))));
  CHECK_EQUAL(stages.size(), 7u);
  CHECK_EQUAL(states.size(), 6u);
  CHECK(stages.count("?") == 0 && states.count("?") == 0);
}

TEST("words: BearSSL's errors, and an alert apart from an error with the same number") {
  CHECK(contains(printed(fleetBearSslFailure(0, "")), "TLS (0): the broker hung up without a word"));
  CHECK(contains(printed(fleetBearSslFailure(0, "", true)), "says nothing in TLS"));
  CHECK(contains(printed(fleetBearSslFailure(62, "", true)), "not signed by a root"));
  CHECK(contains(printed(fleetBearSslFailure(6, "")), "FLEET_TLS_RECEIVE_BYTES"));
  CHECK(contains(printed(fleetBearSslFailure(54, "")), "expired or not yet valid"));
  CHECK(contains(printed(fleetBearSslFailure(56, "")), "another host name"));
  CHECK(contains(printed(fleetBearSslFailure(62, "")), "not signed by a root"));
  CHECK(contains(printed(fleetBearSslFailure(-1000, "")), "not enough memory"));
  CHECK(contains(printed(fleetBearSslFailure(42, "")), "BearSSL gave up"));
  CHECK(contains(printed(fleetBearSslFailure(42, "SSL received fatal alert - x")),
                 "refuses the certificate of this device"));
}

TEST("words: mbedTLS's errors, also with one of a deeper module added") {
  CHECK(contains(printed(fleetMbedTlsFailure(-1)), "TCP (0): nobody answers"));
  CHECK(contains(printed(fleetMbedTlsFailure(-1, true)), "TLS (0): somebody answers at the broker's port"));
  CHECK(contains(printed(fleetMbedTlsFailure(-0x7280, true)), "hung up"));
  CHECK(contains(printed(fleetMbedTlsFailure(-0x2700)), "not signed by a root"));
  CHECK(contains(printed(fleetMbedTlsFailure(-0x7780)), "hung up"));
  CHECK(contains(printed(fleetMbedTlsFailure(-0x0050)), "hung up"));
  CHECK(contains(printed(fleetMbedTlsFailure(-0x3d00)), "cannot be read"));
  CHECK(contains(printed(fleetMbedTlsFailure(-(0x2180 + 0x0066))), "cannot be read"));
  CHECK(contains(printed(fleetMbedTlsFailure(-0x6000)), "mbedTLS gave up"));
  CHECK(contains(printed(fleetMbedTlsFailure(5)), "without an error"));
}

TEST("words: Wi-Fi's reasons") {
  CHECK(contains(printed(fleetWifiFailure(201)), "WIFI_SSID"));
  CHECK(contains(printed(fleetWifiFailure(15)), "WIFI_PASSWORD"));
  CHECK(contains(printed(fleetWifiFailure(200)), "cannot be heard"));
  CHECK(contains(printed(fleetWifiFailure(99)), "Wi-Fi (99): not connected"));
  CHECK(contains(printed(fleetWifiFailure(202)), "WIFI_PASSWORD"));
  CHECK(contains(printed(fleetWifiFailure(211)), "WPA2"));
  // All of Espressif's own (esp_wifi_types_generic.h, wifi_err_reason_t), and what ends a connection that stood.
  for (int reason : {2, 3, 4, 5, 6, 7, 8, 14, 15, 23, 200, 201, 202, 203, 204, 205, 206, 207, 208, 209, 210, 211, 212})
    CHECK(!contains(printed(fleetWifiFailure(static_cast<uint8_t>(reason))), "look the reason code up"));
}

TEST("build time: a day before midnight of that date") {
  CHECK_EQUAL(fleetBuildTime("Jan  2 1970"), 0u);
  CHECK_EQUAL(fleetBuildTime("Mar  1 2000"), 951868800u - 86400);
  CHECK_EQUAL(fleetBuildTime("Feb 29 2024"), 1709164800u - 86400);
  CHECK_EQUAL(fleetBuildTime("Nov 24 2026"), 1795478400u - 86400);
  CHECK_EQUAL(fleetBuildTime("Dec 31 2099"), 4102358400u - 86400);
  CHECK_EQUAL(fleetBuildTime("??? ?? ????"), 0u);
}

TEST("JSON: true and false of the outermost object, whatever stands around") {
  bool value = false;
  CHECK(fleetJsonBool("{\"relay\":true}", "relay", value) && value);
  CHECK(fleetJsonBool(" { \"a\" : [1, {\"relay\": true}, \"}\"] , \"relay\" : false } ", "relay", value) && !value);
  CHECK(fleetJsonBool("{\"a\":\"\\\"relay\\\":true\",\"relay\":true}", "relay", value) && value);
}

TEST("JSON: anything else is no command") {
  bool value;
  for (const char* json :
       {"", "{", "{}", "true", "[\"relay\",true]", "{\"relay\":1}", "{\"relay\":\"true\"}", "{\"relay\":truer}",
        "{\"relay\":true", "{\"relay\"true}", "{\"relay\":tru}", "{\"x\":{\"relay\":true}}", "{\"relay\\\"",
        "{\"a\":[}", "{relay:true}", "{\"relays\":true}"}) {
    if (fleetJsonBool(json, "relay", value)) unitTestFailed(__FILE__, __LINE__, json);
  }
}

// Each of them was taken for true once.
TEST("JSON: what is not JSON is never true, however well it begins") {
  bool value;
  for (const char* json : {
           "{\"relay\":true]",           // the wrong bracket
           "{\"relay\":true}x",          // something behind it
           "{\"relay\":true}{}",         // a second document
           "{\"relay\":true,}",          // a comma too many
           "{\"relay\":true,\"x\"}",     // a member without a value
           "{\"relay\":true,\"x\":01}",  // a number with a leading 0
           "{\"relay\":true,\"x\":nul}",
           "{\"relay\":true,\"x\":\"\\q\"}",
           "{\"relay\":true,\"x\":\"\t\"}",
           "{\"relay\":true,\"x\":\"\\ud800\"}",  // half a surrogate pair
           "{\"relay\":true,\"x\":\"\xff\"}",     // no UTF-8
           "{\"a\":[},\"relay\":true}",
           "{\"a\":1 2,\"relay\":true}",
           "\xef\xbb\xbf{\"relay\":true}",
       }) {
    if (fleetJsonBool(json, "relay", value)) unitTestFailed(__FILE__, __LINE__, json);
  }
  const std::string zero = bytes("{\"relay\":true}\0x");
  CHECK(!fleetJsonBool(zero.data(), zero.size(), "relay", value));
  const std::string deep = std::string(31, '[') + std::string(31, ']');
  CHECK(fleetJsonBool(("{\"a\":" + deep + ",\"relay\":true}").c_str(), "relay", value));
  CHECK(!fleetJsonBool(("{\"a\":[" + deep + "],\"relay\":true}").c_str(), "relay", value));
}

TEST("JSON: of two equal names the last counts, however they are written") {
  bool value = false;
  CHECK(fleetJsonBool("{\"relay\":false,\"relay\":true}", "relay", value) && value);
  CHECK(fleetJsonBool("{\"relay\":true,\"r\\u0065lay\":false}", "relay", value) && !value);
  CHECK(!fleetJsonBool("{\"relay\":true,\"relay\":1}", "relay", value));
  CHECK(!fleetJsonBool("{\"relay\":true,\"relay\":{\"relay\":true}}", "relay", value));
  CHECK(fleetJsonBool("{\"\\u00e9\\ud83d\\ude00\\n\":true}", "\xc3\xa9\xf0\x9f\x98\x80\n", value) && value);
  CHECK(!fleetJsonBool("{\"relay\\u0000\":true}", "relay", value));
}

TEST("JSON: what is no command leaves the value alone") {
  bool value = true;
  CHECK(!fleetJsonBool("{\"relay\":false", "relay", value) && value);
}

TEST("LED: lit while connected; else as many blinks as the number of the stage") {
  static std::string shown;
  shown.clear();
  fleet::StatusLed led;
  led.attach([](bool on) { shown += on ? '1' : '0'; });
  const auto pass = [&led](bool connected, FleetStage failed, int ticks) {
    for (int i = 0; i < ticks; i++) led.show(connected, failed, fakeMillis += 200);
  };
  pass(false, FleetStage::Nothing, 3);
  CHECK_EQUAL(shown, std::string("0"));
  pass(false, FleetStage::Clock, 12);  // 3 blinks and a pause
  CHECK_EQUAL(shown, std::string("0101010"));
  pass(false, FleetStage::Clock, 12);
  CHECK_EQUAL(shown, std::string("0101010101010"));
  pass(true, FleetStage::Nothing, 5);
  CHECK_EQUAL(shown, std::string("01010101010101"));
}
