// Prints all that FleetDevice has to say.
#include <FleetDevice.h>

void setup() {
  for (int i = 0; i <= static_cast<int>(FleetStage::Mqtt); i++) Serial.println(fleetStageToString(FleetStage(i)));
  for (int i = 0; i <= static_cast<int>(FleetState::Connected); i++) Serial.println(fleetStateToString(FleetState(i)));
  for (int reason = 0; reason < 256; reason++) Serial.println(fleetWifiFailure(static_cast<uint8_t>(reason)));
  Serial.println(fleetDnsFailure());
  Serial.println(fleetTcpFailure());
  Serial.println(fleetClockFailure());
  for (int error = -1000; error < 600; error++) Serial.println(fleetBearSslFailure(error, ""));
  for (int alert = 0; alert < 256; alert++) Serial.println(fleetBearSslFailure(alert, "SSL received fatal alert"));
  Serial.printf_P(PSTR("%s\n"), "that was all");
}

void loop() {}
