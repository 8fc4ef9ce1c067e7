#pragma once

#include "Failure.h"

namespace fleet {

/// Why an MQTT session ended, or what of it was refused.
enum class MqttEnding : uint8_t {
  ProtocolVersion = 1,  // 1 to 5 are the return codes of CONNACK (MQTT 3.1.1, 3.2.2.3)
  IdentifierRejected = 2,
  ServerUnavailable = 3,
  BadCredentials = 4,
  NotAuthorized = 5,
  HungUpOnConnect = 10,
  HungUpOnSubscribe,
  HungUpOnPublish,
  HungUp,
  NoAnswer,
  Malformed,
  TooLargeToConnect,
};

FleetFailure mqttFailure(MqttEnding ending);

/*
  What leaves the connection standing.
*/

FleetFailure subscriptionRefused();
/// @param bytes of the command
FleetFailure commandTooLarge(uint32_t bytes);
FleetFailure ringFull(size_t readings);
FleetFailure readingTooLarge(size_t bytes);
FleetFailure badTopic();
FleetFailure tooManySubscriptions();
FleetFailure badIdentity();
FleetFailure mixedConfiguration();

}  // namespace fleet
