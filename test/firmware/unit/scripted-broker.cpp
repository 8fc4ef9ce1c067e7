#include "scripted-broker.h"

Rig* rig = nullptr;

Rig::Rig() {
  rig = this;
  device.onFailure([](const FleetFailure& failure) {
    const std::string cause = reinterpret_cast<const char*>(failure.cause);
    rig->failures.push_back(std::string(reinterpret_cast<const char*>(fleetStageToString(failure.stage))) + ": " +
                            cause);
  });
  device.onCommand("cmd/box/#", [](const char* topic, const char* payload, size_t length) {
    rig->commands.push_back(std::string(topic) + " " + std::string(payload, length));
  });
  device.setPrecondition([] { return rig->missing; });
  device.setDiagnosis([] { return rig->diagnosis; });
}

void Rig::run(int rounds) {
  for (int i = 0; i < rounds; i++) {
    fakeMillis++;
    device.loop();
  }
}

bool Rig::failedWith(const std::string& words) const {
  for (const std::string& failure : failures) {
    if (failure.find(words) != std::string::npos) return true;
  }
  return false;
}

void Rig::connect() {
  if (device.state() == FleetState::Idle) CHECK(device.begin("broker", 8883, "box"));
  fakeMillis += FLEET_BACKOFF_CAP_MS;
  run();
  hears(kAccepted);
  hears(kSubscribed);
  CHECK(device.connected());
  wrote();
}

std::string puback(uint16_t id) {
  return bytes("\x40\2") + static_cast<char>(id >> 8) + static_cast<char>(id & 0xff);
}

std::string reading(uint16_t id, const std::string& payload, bool dup) {
  return std::string(dup ? "\x3a" : "\x32") + static_cast<char>(9 + payload.size()) + bytes("\0\5box/t") +
         static_cast<char>(id >> 8) + static_cast<char>(id & 0xff) + payload;
}
