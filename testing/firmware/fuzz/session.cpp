// A device and a broker that says anything. The input is a sequence of events: a byte that says which, and its
// parameter.
#include "unit/scripted-broker.h"
#include "must.h"

namespace {

enum Event : uint8_t { kSays, kPublishes, kPasses, kDrops, kPiece, kRoom, kEvents };

void checkCommand(const char* topic, const char* payload, size_t length) {
  MUST(payload[length] == 0);
  MUST(strlen(topic) + length <= FLEET_RECEIVE_BYTES);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t count) {
  fakeMillis = 0xfffff000;  // four seconds before it overflows
  Rig r;
  r.device.onCommand("cmd/box/#", checkCommand);
  MUST(r.device.begin("broker", 8883, "box"));
  r.run();
  size_t accepted = 0, tried = 0, pubacks = 0;
  for (size_t at = 0; at + 1 < count;) {
    const uint8_t event = bytes[at] % kEvents;
    const size_t parameter = bytes[at + 1];
    at += 2;
    if (event == kSays) {
      const std::string packet(reinterpret_cast<const char*>(bytes + at), std::min(parameter, count - at));
      at += packet.size();
      pubacks += static_cast<size_t>(std::count(packet.begin(), packet.end(), '\x40'));
      r.net.incoming += packet;
    } else if (event == kPublishes) {
      tried++;
      if (r.device.publish("box/t", std::string(parameter, 'x').c_str())) accepted++;
    } else if (event == kPasses) {
      fakeMillis += 1u << parameter % 20;
    } else if (event == kDrops) {
      r.net.open = false;
      r.net.reachable = parameter % 2 == 0;
    } else if (event == kPiece) {
      r.net.piece = parameter + 1;
    } else if (event == kRoom) {
      r.net.room = parameter == 0 ? SIZE_MAX : parameter;
    }
    r.run(1);
    MUST(r.device.waiting() <= accepted);
    MUST(accepted - r.device.waiting() <= pubacks);  // no reading leaves before its PUBACK
    MUST(accepted + r.device.refused() == tried);
    MUST(!r.device.connected() || r.device.failure().stage == FleetStage::Nothing);
  }
  return 0;
}
