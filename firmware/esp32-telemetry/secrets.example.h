// What secrets.h looks like. Do not fill this in: "bin/fleet secrets garage-door" writes secrets.h, which git ignores.
#pragma once

#define WIFI_SSID "your network"
#define WIFI_PASSWORD "your password"

#define THING_NAME "garage-door"
#define AWS_IOT_ENDPOINT "xxxxxxxxxxxxxx-ats.iot.eu-central-1.amazonaws.com"
#define AWS_IOT_PORT 8883

// Below which it publishes, leaves its last will, and receives.
#define TELEMETRY_TOPIC "rtjm/garage-door/"
#define WILL_TOPIC "rtjm/garage-door/"
#define COMMAND_TOPIC "cmd/rtjm/garage-door/"

// Whom the board trusts to be the broker.
static const char AWS_CERT_CA[] =
    "-----BEGIN CERTIFICATE-----\n"
    "...\n"
    "-----END CERTIFICATE-----\n";

// Who the board is.
static const char AWS_CERT_CRT[] =
    "-----BEGIN CERTIFICATE-----\n"
    "...\n"
    "-----END CERTIFICATE-----\n";

static const char AWS_CERT_PRIVATE[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "...\n"
    "-----END PRIVATE KEY-----\n";
