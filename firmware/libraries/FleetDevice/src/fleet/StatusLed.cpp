#include "StatusLed.h"

namespace fleet {

namespace {

const uint32_t kTickMs = 200;
const uint8_t kPauseTicks = 6;

}  // namespace

void StatusLed::show(bool connected, FleetStage failed, uint32_t now) {
  if (set_ == nullptr) return;
  if (connected || failed == FleetStage::Nothing) {
    tick_ = 0;
    light(connected);
    return;
  }
  if (now - tickedAt_ < kTickMs) return;
  tickedAt_ = now;
  const uint8_t blinking = 2 * static_cast<uint8_t>(failed);
  light(tick_ < blinking && tick_ % 2 == 0);
  tick_ = tick_ + 1 < blinking + kPauseTicks ? tick_ + 1 : 0;
}

void StatusLed::light(bool on) {
  if (known_ && lit_ == on) return;
  known_ = true;
  lit_ = on;
  set_(on);
}

}  // namespace fleet
