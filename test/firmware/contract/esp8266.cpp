// What FleetBoard, FleetClock and the sketches expect of the ESP8266's core beside arduino.h. To check a core: compile
// this with the core's own compiler, flags and include folders, for example in a sketch that includes it.
#include <EEPROM.h>
#include <ESP8266WiFi.h>
#include <StackThunk.h>
#include <coredecls.h>
#include <flash_hal.h>
#include <time.h>

#include "arduino.h"

using Tls = BearSSL::WiFiClientSecure;

static_assert(std::is_base_of<Client, Tls>::value, "a Client, whose virtual functions FleetDevice calls");
CONTRACT_IS(int, CONTRACT_OF(Tls).connect(CONTRACT_TEXT, uint16_t{8883}));
CONTRACT_IS(void, CONTRACT_OF(Tls).setTrustAnchors(std::declval<const BearSSL::X509List*>()));
CONTRACT_IS(void, CONTRACT_OF(Tls).setClientECCert(std::declval<const BearSSL::X509List*>(),
                                                   std::declval<const BearSSL::PrivateKey*>(), BR_KEYTYPE_SIGN,
                                                   BR_KEYTYPE_RSA));
CONTRACT_IS(void, CONTRACT_OF(Tls).setClientRSACert(std::declval<const BearSSL::X509List*>(),
                                                    std::declval<const BearSSL::PrivateKey*>()));
CONTRACT_IS(void, CONTRACT_OF(Tls).setBufferSizes(16384, 512));
CONTRACT_IS(void, CONTRACT_OF(Tls).setSession(std::declval<BearSSL::Session*>()));
CONTRACT_IS(int, CONTRACT_OF(Tls).getLastSSLError());
CONTRACT_IS(int, CONTRACT_OF(Tls).getLastSSLError(std::declval<char*>(), size_t{32}));
static_assert(std::is_constructible<BearSSL::X509List, const char*>::value, "from PEM in flash");
static_assert(std::is_constructible<BearSSL::PrivateKey, const char*>::value, "from PEM in flash");
CONTRACT_IS(bool, std::declval<const BearSSL::PrivateKey&>().isEC());
static_assert(std::is_trivially_copyable<BearSSL::Session>::value, "kept over a deep sleep");
static_assert(sizeof(BearSSL::Session) <= 120, "beside readings in 384 bytes");
static_assert(BR_ERR_X509_EXPIRED == 54, "the number that FleetDevice has words for");

CONTRACT_GOES_INTO(int, WiFiClient().connect(IPAddress(), uint16_t{8883}));
CONTRACT_IS(wl_status_t, WiFi.status());
CONTRACT_GOES_INTO(bool, WiFi.hostByName(CONTRACT_TEXT, CONTRACT_OF(IPAddress)));
CONTRACT_IS(void, WiFi.persistent(false));
// It lives as long as its handler.
CONTRACT_IS(WiFiEventHandler,
            WiFi.onStationModeDisconnected(std::declval<void (*)(const WiFiEventStationModeDisconnected&)>()));
CONTRACT_GOES_INTO(uint8_t, CONTRACT_OF(const WiFiEventStationModeDisconnected).reason);

CONTRACT_IS(bool, ESP.rtcUserMemoryRead(32, std::declval<uint32_t*>(), size_t{384}));
CONTRACT_IS(bool, ESP.rtcUserMemoryWrite(32, std::declval<uint32_t*>(), size_t{384}));
CONTRACT_IS(void, ESP.deepSleep(uint64_t{1}));
CONTRACT_IS(const char*, ESP.getResetReason().c_str());

CONTRACT_IS(bool, EEPROM.commit());
CONTRACT_IS(void, EEPROM.begin(size_t{8}));
CONTRACT_IS(void, settimeofday_cb(std::declval<void (*)(bool)>()));
CONTRACT_IS(void, configTime(0, 0, CONTRACT_TEXT, CONTRACT_TEXT));
CONTRACT_IS(time_t, time(nullptr));

// FleetIdentity: flash behind the file system, the chip's generator of random numbers, curves on the core's second stack.
CONTRACT_IS(bool, ESP.flashEraseSector(uint32_t{1}));
CONTRACT_IS(bool, ESP.flashWrite(uint32_t{4096}, std::declval<uint32_t*>(), size_t{64}));
CONTRACT_IS(bool, ESP.flashRead(uint32_t{4096}, std::declval<uint32_t*>(), size_t{64}));
CONTRACT_GOES_INTO(const void*, ESP.random(CONTRACT_BYTES, size_t{32}));
CONTRACT_IS(void, ESP.restart());
CONTRACT_GOES_INTO(uint32_t, FS_PHYS_ADDR + FS_PHYS_SIZE + FS_PHYS_BLOCK);
static_assert(std::is_constructible<BearSSL::X509List, Stream&>::value, "from PEM that is no memory");
extern "C" {
bool contractOnSecondStack(void*) { return true; }
make_stack_thunk(contractOnSecondStack);
}
CONTRACT_GOES_INTO(size_t, br_ec_keygen(nullptr, &br_ec_p256_m15, nullptr, std::declval<void*>(), BR_EC_secp256r1));
CONTRACT_GOES_INTO(size_t, br_ec_compute_pub(&br_ec_p256_m15, nullptr, std::declval<void*>(), nullptr));
CONTRACT_GOES_INTO(size_t, br_ecdsa_i15_sign_asn1(&br_ec_p256_m15, &br_sha256_vtable, CONTRACT_TEXT, nullptr,
                                                  std::declval<void*>()));
