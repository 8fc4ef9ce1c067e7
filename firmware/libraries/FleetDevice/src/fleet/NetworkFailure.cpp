#include "NetworkFailure.h"

FleetFailure wifiFailure(uint8_t reason) {
  const FleetStage stage = FleetStage::WiFi;
  switch (reason) {
    case 0:
      return FleetFailure(stage, reason, F("not connected yet"), F("wait; it takes some seconds"));
    case 201:  // NO_AP_FOUND
      return FleetFailure(stage, reason, F("there is no network of that name"),
                          F("check WIFI_SSID in secrets.h; the chip sees 2.4 GHz only"));
    case 2:    // AUTH_EXPIRE
    case 15:   // 4WAY_HANDSHAKE_TIMEOUT
    case 202:  // AUTH_FAIL
    case 204:  // HANDSHAKE_TIMEOUT
      return FleetFailure(stage, reason, F("the access point refuses the password"),
                          F("check WIFI_PASSWORD in secrets.h; weak reception looks the same"));
    case 4:    // ASSOC_EXPIRE
    case 5:    // ASSOC_TOOMANY
    case 203:  // ASSOC_FAIL
      return FleetFailure(stage, reason, F("the access point takes no further station"),
                          F("restart it, or let it take more stations"));
    case 200:  // BEACON_TIMEOUT
      return FleetFailure(stage, reason, F("the access point cannot be heard any more"),
                          F("move the board nearer; look after its power supply"));
    default:
      return FleetFailure(stage, reason, F("not connected"), F("look the reason code up in the core's Wi-Fi events"));
  }
}

FleetFailure dnsFailure() {
  return FleetFailure(FleetStage::Dns, 0, F("the name of the broker has no address"),
                      F("check AWS_IOT_ENDPOINT in secrets.h, and whether this network reaches the internet"));
}

FleetFailure tcpFailure() {
  return FleetFailure(FleetStage::Tcp, 0, F("nobody answers at the broker's address and port"),
                      F("check AWS_IOT_PORT in secrets.h; a firewall may stop port 8883"));
}

FleetFailure clockFailure() {
  return FleetFailure(FleetStage::Clock, 0, F("no NTP server has answered, so the time is not known"),
                      F("let UDP port 123 through, or name an NTP server of your network in the sketch"));
}
