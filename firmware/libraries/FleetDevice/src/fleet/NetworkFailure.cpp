#include "NetworkFailure.h"

namespace {

// Reason codes of 802.11 below 200, Espressif's own from 200 on (esp_wifi_types_generic.h, wifi_err_reason_t).

const uint8_t kPassword[] PROGMEM = {
    2,    // AUTH_EXPIRE
    14,   // MIC_FAILURE
    15,   // 4WAY_HANDSHAKE_TIMEOUT
    202,  // AUTH_FAIL
    204,  // HANDSHAKE_TIMEOUT
};
const uint8_t kFull[] PROGMEM = {
    4,    // ASSOC_EXPIRE
    5,    // ASSOC_TOOMANY
    203,  // ASSOC_FAIL
    208,  // ASSOC_COMEBACK_TIME_TOO_LONG
};
const uint8_t kEnded[] PROGMEM = {
    3,    // AUTH_LEAVE
    6,    // NOT_AUTHED
    7,    // NOT_ASSOCED
    8,    // ASSOC_LEAVE
    205,  // CONNECTION_FAIL
    206,  // AP_TSF_RESET
    207,  // ROAMING
    209,  // SA_QUERY_TIMEOUT
};
const uint8_t kSecurity[] PROGMEM = {
    13,   // IE_INVALID
    18,   // GROUP_CIPHER_INVALID
    19,   // PAIRWISE_CIPHER_INVALID
    20,   // AKMP_INVALID
    21,   // UNSUPP_RSN_IE_VERSION
    22,   // INVALID_RSN_IE_CAP
    24,   // CIPHER_SUITE_REJECTED
    210,  // NO_AP_FOUND_W_COMPATIBLE_SECURITY
    211,  // NO_AP_FOUND_IN_AUTHMODE_THRESHOLD
};
const uint8_t kWeak[] PROGMEM = {
    200,  // BEACON_TIMEOUT
    212,  // NO_AP_FOUND_IN_RSSI_THRESHOLD
};
const uint8_t kNoNetwork = 201;      // NO_AP_FOUND
const uint8_t kAuthentication = 23;  // 802_1X_AUTH_FAILED

template <size_t Count>
bool among(const uint8_t (&reasons)[Count], uint8_t reason) {
  for (const uint8_t& one : reasons) {
    if (pgm_read_byte(&one) == reason) return true;
  }
  return false;
}

FleetFailure wifi(uint8_t reason, const __FlashStringHelper* cause, const __FlashStringHelper* fix) {
  return FleetFailure(FleetStage::WiFi, reason, cause, fix);
}

}  // namespace

FleetFailure fleetWifiFailure(uint8_t reason) {
  if (reason == 0) return wifi(reason, F("not connected yet"), F("wait; it takes some seconds"));
  if (reason == kNoNetwork)
    return wifi(reason, F("there is no network of that name"),
                F("check WIFI_SSID in secrets.h; the chip sees 2.4 GHz only"));
  if (among(kPassword, reason))
    return wifi(reason, F("the access point refuses the password"),
                F("check WIFI_PASSWORD in secrets.h; weak reception looks the same"));
  if (reason == kAuthentication)
    return wifi(reason, F("the network asks for a user's name beside the password (802.1X)"),
                F("use a network with a password alone"));
  if (among(kFull, reason))
    return wifi(reason, F("the access point takes no further station"), F("restart it, or let it take more stations"));
  if (among(kEnded, reason))
    return wifi(reason, F("the access point ended the connection, or has restarted"),
                F("wait; this device asks for it again by itself"));
  if (among(kSecurity, reason))
    return wifi(reason, F("the network of that name asks for a security that this chip does not have"),
                F("let the access point offer WPA2"));
  if (among(kWeak, reason))
    return wifi(reason, F("the access point cannot be heard any more"),
                F("move the board nearer; look after its power supply"));
  return wifi(reason, F("not connected"), F("look the reason code up in the core's Wi-Fi events"));
}

FleetFailure fleetDnsFailure() {
  return FleetFailure(FleetStage::Dns, 0, F("the name of the broker has no address"),
                      F("check AWS_IOT_ENDPOINT in secrets.h, and whether this network reaches the internet"));
}

FleetFailure fleetTcpFailure() {
  return FleetFailure(FleetStage::Tcp, 0, F("nobody answers at the broker's address and port"),
                      F("check AWS_IOT_PORT in secrets.h; a firewall may stop port 8883"));
}

FleetFailure fleetClockFailure() {
  return FleetFailure(FleetStage::Clock, 0, F("no NTP server has answered, so the time is not known"),
                      F("let UDP port 123 through, or name an NTP server of your network in the sketch"));
}
