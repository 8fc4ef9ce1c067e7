#include "FleetBoard.h"

#ifdef ESP32
#include <esp_system.h>
#endif

namespace {

FleetBoard* board = nullptr;  // the callbacks of FleetDevice have no place for a pointer, and a chip has one board

void say(const FleetFailure& failure) {
  Serial.print(failure);
  Serial.printf_P(PSTR(" [%u bytes of heap]\n"), static_cast<unsigned>(ESP.getFreeHeap()));
}

}  // namespace

FleetBoard::FleetBoard() : FleetBoard(FleetSecrets()) {}

FleetBoard::FleetBoard(const FleetSecrets& secrets) : FleetDevice(tls_), secrets_(secrets), tls_(secrets_) {
  board = this;
  setPrecondition([] { return board->missing(); });
  setDiagnosis([] { return board->why(); });
  setWill(secrets_.goneTopic, "{\"connected\":false}");
  onFailure(say);
  onLed([](bool on) { digitalWrite(FLEET_LED_PIN, on == (FLEET_LED_ON == HIGH) ? HIGH : LOW); });
}

void FleetBoard::use(const FleetSecrets& secrets) {
  secrets_ = secrets;
#ifdef ESP8266
  tls_.forget();
#endif
  setWill(secrets_.goneTopic, "{\"connected\":false}");
}

bool FleetBoard::begin(const char* version, const char* built) {
  version_ = version;
  built_ = built;
#ifdef ESP8266
  if (secrets_.port == 443) {
    say(FleetFailure(FleetStage::Tls, 443, F("port 443 asks for ALPN, which the ESP8266's core does not have"),
                     F("use port 8883")));
    return false;
  }
#endif
  if (secrets_.host == nullptr) return FleetDevice::begin(nullptr, 0, nullptr);  // says that there is no identity
  wifi_.begin(secrets_.ssid, secrets_.password);
  tls_.begin();
  if (!started_) {
    started_ = true;
    pinMode(FLEET_LED_PIN, OUTPUT);
#ifdef ESP8266
    clock_.begin("pool.ntp.org", "time.google.com", built);
#endif
  }
  if (!resumed_ && secrets_.startTopic != nullptr) {
    resumed_ = true;
    startPublished_ = fleet::resumeAfterSleep(*this, tls_);  // waking up from a sleep that was meant is no start
  }
  return FleetDevice::begin(secrets_.host, secrets_.port, secrets_.thingName);
}

void FleetBoard::sleep(uint32_t ms) {
  end();
  delay(100);  // the radio sends on after TCP has taken leave
  fleet::sleepWith(*this, tls_, ms);
}

void FleetBoard::loop() {
  FleetDevice::loop();
  wifi_.loop(millis());
#ifdef ESP8266
  clock_.loop();
  if (ESP.getFreeHeap() < heapFloor_) heapFloor_ = ESP.getFreeHeap();
#endif
  if (!startPublished_ && connected() && secrets_.startTopic != nullptr) startPublished_ = publishStart();
}

FleetFailure FleetBoard::missing() {
  const FleetFailure failure = wifi_.missing();
#ifdef ESP8266
  if (!failure) return clock_.missing();
#endif
  return failure;
}

FleetFailure FleetBoard::why() {
#ifdef ESP8266
  if (tls_.getLastSSLError() == BR_ERR_X509_EXPIRED && !clock_.known()) return fleetClockFailure();
#endif
  return tls_.failure();
}

bool FleetBoard::publishStart() {
  char json[128];
#ifdef ESP8266
  snprintf_P(json, sizeof(json), PSTR("{\"firmware\":\"%s\",\"reset\":\"%s\",\"heapFloor\":%u}"), version_,
             ESP.getResetReason().c_str(), static_cast<unsigned>(heapFloor_));
#else
  snprintf(json, sizeof(json), "{\"firmware\":\"%s\",\"reset\":%d,\"heapFloor\":%u}", version_,
           static_cast<int>(esp_reset_reason()), static_cast<unsigned>(ESP.getMinFreeHeap()));
#endif
  return publish(secrets_.startTopic, json);
}
