// What secrets.h looks like. Do not fill this in: "bin/fleet secrets kitchen-sensor" writes secrets.h, which git ignores.
#pragma once

#include <pgmspace.h>

#define WIFI_SSID "your network"
#define WIFI_PASSWORD "your password"

#define THING_NAME "kitchen-sensor"
#define AWS_IOT_ENDPOINT "xxxxxxxxxxxxxx-ats.iot.eu-central-1.amazonaws.com"
#define AWS_IOT_PORT 8883

// Below which it publishes, leaves its last will, and receives.
#define TELEMETRY_TOPIC "rtjm/kitchen-sensor/"
#define WILL_TOPIC "rtjm/kitchen-sensor/"
#define COMMAND_TOPIC "cmd/rtjm/kitchen-sensor/"

// Whom the board trusts to be the broker.
static const char AWS_CERT_CA[] PROGMEM = R"PEM(-----BEGIN CERTIFICATE-----
...
-----END CERTIFICATE-----
)PEM";

// Who the board is.
static const char AWS_CERT_CRT[] PROGMEM = R"PEM(-----BEGIN CERTIFICATE-----
...
-----END CERTIFICATE-----
)PEM";

static const char AWS_CERT_PRIVATE[] PROGMEM = R"PEM(-----BEGIN PRIVATE KEY-----
...
-----END PRIVATE KEY-----
)PEM";
