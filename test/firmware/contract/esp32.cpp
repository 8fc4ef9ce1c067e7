// What FleetBoard and the sketches expect of the ESP32's core beside arduino.h. To check a core: compile this with the
// core's own compiler, flags and include folders, for example in a sketch that includes it.
#include <Preferences.h>
#include <WiFi.h>
#include <WiFiClientSecure.h>
#include <esp_sleep.h>
#include <esp_system.h>
#include <lwip/sockets.h>
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/x509_csr.h>

#include "arduino.h"

static_assert(std::is_base_of<Client, WiFiClientSecure>::value, "a Client, whose virtual functions FleetDevice calls");

/// FleetBoard's client looks at the socket, and sets the time for TCP and writes.
class Contract : public WiFiClientSecure {
  CONTRACT_IS(int&, (std::declval<Contract&>().sslclient->socket));
  CONTRACT_IS(int&, (std::declval<Contract&>()._timeout));
};

CONTRACT_IS(int, CONTRACT_OF(WiFiClientSecure).connect(CONTRACT_TEXT, uint16_t{8883}));
CONTRACT_IS(void, CONTRACT_OF(WiFiClientSecure).setCACert(CONTRACT_TEXT));
CONTRACT_IS(void, CONTRACT_OF(WiFiClientSecure).setCertificate(CONTRACT_TEXT));
CONTRACT_IS(void, CONTRACT_OF(WiFiClientSecure).setPrivateKey(CONTRACT_TEXT));
CONTRACT_IS(void, CONTRACT_OF(WiFiClientSecure).setHandshakeTimeout(15ul));
CONTRACT_IS(void, CONTRACT_OF(WiFiClientSecure).setAlpnProtocols(std::declval<const char**>()));
CONTRACT_IS(int, CONTRACT_OF(WiFiClientSecure).lastError(std::declval<char*>(), size_t{80}));

CONTRACT_IS(wl_status_t, WiFi.status());
CONTRACT_GOES_INTO(bool, WiFi.hostByName(CONTRACT_TEXT, CONTRACT_OF(IPAddress)));
CONTRACT_IS(void, WiFi.persistent(false));
CONTRACT_GOES_INTO(uint8_t, CONTRACT_OF(WiFiEventInfo_t).wifi_sta_disconnected.reason);
CONTRACT_GOES_INTO(int, (WiFi.onEvent(std::declval<void (*)(WiFiEvent_t, WiFiEventInfo_t)>(),
                                      ARDUINO_EVENT_WIFI_STA_DISCONNECTED),
                         1));
static_assert(ARDUINO_EVENT_WIFI_STA_DISCONNECTED >= 0, "the event that has a reason");

CONTRACT_GOES_INTO(int, recv(0, std::declval<void*>(), size_t{1}, MSG_PEEK | MSG_DONTWAIT));
CONTRACT_IS(void, ESP.restart());
CONTRACT_GOES_INTO(uint32_t, ESP.getMinFreeHeap());
CONTRACT_IS(void, esp_deep_sleep(uint64_t{1}));
CONTRACT_GOES_INTO(int, static_cast<int>(esp_reset_reason()));
CONTRACT_GOES_INTO(uint32_t, analogReadMilliVolts(1));
RTC_DATA_ATTR int memoryThatOutlivesASleep;

// FleetIdentity: entries of NVS, and mbedTLS that writes requests for certificates.
CONTRACT_IS(bool, CONTRACT_OF(Preferences).begin(CONTRACT_TEXT));
CONTRACT_IS(bool, CONTRACT_OF(Preferences).isKey(CONTRACT_TEXT));
CONTRACT_IS(bool, CONTRACT_OF(Preferences).remove(CONTRACT_TEXT));
CONTRACT_IS(size_t, CONTRACT_OF(Preferences).putBytes(CONTRACT_TEXT, CONTRACT_BYTES, size_t{256}));
CONTRACT_IS(size_t, CONTRACT_OF(Preferences).getBytes(CONTRACT_TEXT, CONTRACT_BYTES, size_t{256}));
CONTRACT_IS(int, mbedtls_x509write_csr_der(nullptr, CONTRACT_BYTES, size_t{384}, mbedtls_ctr_drbg_random, nullptr));
