#pragma once

#include <Arduino.h>

/// Where a connection can fail. The number is that of the LED's blinks.
enum class FleetStage : uint8_t { Nothing, WiFi, Dns, Clock, Tcp, Tls, Mqtt };

const __FlashStringHelper* fleetStageToString(FleetStage stage);

/**
 * What went wrong: the stage, the error number of whoever found it, the cause in words, and what to do about it.
 * `Serial.println(failure)` prints all of it. The words lie in flash.
 */
class FleetFailure : public Printable {
 public:
  /// No failure.
  FleetFailure() : stage(FleetStage::Nothing), code(0), cause(nullptr), fix(nullptr) {}
  FleetFailure(FleetStage stage, int32_t code, const __FlashStringHelper* cause, const __FlashStringHelper* fix)
      : stage(stage), code(code), cause(cause), fix(fix) {}

  explicit operator bool() const { return stage != FleetStage::Nothing; }
  size_t printTo(Print& out) const override;

  FleetStage stage;
  int32_t code;
  const __FlashStringHelper* cause;
  const __FlashStringHelper* fix;
};
