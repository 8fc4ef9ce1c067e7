#include "MqttFailure.h"

#include "../FleetConfig.h"

#define FLEET_TEXT(value) #value
#define FLEET_NUMBER(name) FLEET_TEXT(name)

namespace fleet {

FleetFailure mqttFailure(MqttEnding ending) {
  const FleetStage stage = FleetStage::Mqtt;
  const int32_t code = static_cast<int32_t>(ending);
  switch (ending) {
    case MqttEnding::ProtocolVersion:
      return FleetFailure(stage, code, F("the broker does not speak MQTT 3.1.1"),
                          F("check that host and port are right"));
    case MqttEnding::IdentifierRejected:
      return FleetFailure(stage, code, F("the broker refuses the client id"), F("check THING_NAME in secrets.h"));
    case MqttEnding::ServerUnavailable:
      return FleetFailure(stage, code, F("the broker is not available"), F("wait; this device tries again by itself"));
    case MqttEnding::BadCredentials:
    case MqttEnding::NotAuthorized:
      return FleetFailure(stage, code, F("the broker does not let this device in"),
                          F("bin/fleet list shows whether its certificate is ACTIVE and attached"));
    case MqttEnding::HungUpOnConnect:
      return FleetFailure(stage, code,
                          F("the broker hung up on CONNECT: the certificate is not ACTIVE, "
                            "or its policy does not allow this client id or the topic of the last will"),
                          F("bin/fleet list; bin/fleet explain THING_NAME connect"));
    case MqttEnding::HungUpOnSubscribe:
      return FleetFailure(stage, code, F("the broker hung up on SUBSCRIBE: the policy may not allow that topic"),
                          F("subscribe below cmd/rtjm/THING_NAME/; bin/fleet explain THING_NAME subscribe TOPIC"));
    case MqttEnding::HungUpOnPublish:
      return FleetFailure(stage, code, F("the broker hung up on PUBLISH: the policy may not allow that topic"),
                          F("publish below rtjm/THING_NAME/; bin/fleet explain THING_NAME publish TOPIC"));
    case MqttEnding::HungUp:
      return FleetFailure(stage, code,
                          F("the connection is gone: Wi-Fi, the broker, or another board with this THING_NAME"),
                          F("it comes back by itself; if this repeats, give each board an identity of its own"));
    case MqttEnding::NoAnswer:
      return FleetFailure(
          stage, code,
          F("the connection stands, and nothing has come over it for " FLEET_NUMBER(FLEET_REPLY_TIMEOUT_MS) " ms"),
          F("it comes back by itself; if this repeats, look after Wi-Fi and internet"));
    case MqttEnding::Malformed:
      return FleetFailure(stage, code, F("the broker sent what is not MQTT 3.1.1"),
                          F("check that host and port are right"));
    case MqttEnding::TooLargeToConnect:
      return FleetFailure(stage, code, F("thing name, last will or filter do not fit into FLEET_CONTROL_BYTES"),
                          F("shorten them, or raise FLEET_CONTROL_BYTES"));
  }
  return FleetFailure(stage, code, F("?"), F("?"));
}

FleetFailure subscriptionRefused() {
  return FleetFailure(FleetStage::Mqtt, 0x80, F("the broker refuses the subscription: no commands"),
                      F("subscribe below cmd/rtjm/THING_NAME/; bin/fleet explain THING_NAME subscribe TOPIC"));
}

FleetFailure commandTooLarge(uint32_t bytes) {
  return FleetFailure(FleetStage::Mqtt, static_cast<int32_t>(bytes), F("a command of so many bytes was skipped"),
                      F("send less, or raise FLEET_RECEIVE_BYTES"));
}

FleetFailure ringFull(size_t readings) {
  return FleetFailure(
      FleetStage::Mqtt, static_cast<int32_t>(readings),
      F("a reading was refused: the ring is full with so many readings that the broker does not have yet"),
      F("publish less often, or raise FLEET_RING_BYTES"));
}

FleetFailure readingTooLarge(size_t bytes) {
  return FleetFailure(FleetStage::Mqtt, static_cast<int32_t>(bytes),
                      F("a reading of so many bytes was refused: it never fits into the ring"),
                      F("send less, or raise FLEET_RING_BYTES"));
}

FleetFailure badTopic() {
  return FleetFailure(FleetStage::Mqtt, 0, F("a reading was refused for its topic"),
                      F("a topic has 1 to 256 bytes and none of + and #"));
}

FleetFailure tooManySubscriptions() {
  return FleetFailure(FleetStage::Mqtt, FLEET_SUBSCRIPTIONS, F("onCommand() was called for more filters than that"),
                      F("use + and # in the filters, or raise FLEET_SUBSCRIPTIONS"));
}

FleetFailure badIdentity() {
  return FleetFailure(FleetStage::Mqtt, 0, F("begin() needs the host of the broker and the name of the thing"),
                      F("bin/fleet secrets writes them into secrets.h"));
}

FleetFailure mixedConfiguration() {
  return FleetFailure(FleetStage::Mqtt, 0, F("sketch and library were built with different values of FLEET_..."),
                      F("set them for the whole build: see FleetConfig.h"));
}

}  // namespace fleet
