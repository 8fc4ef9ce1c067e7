// What claim.h looks like. Do not fill this in: "bin/fleet enrol --header" writes src/claim.h, which git ignores.
#pragma once

#include <pgmspace.h>

// How a board connects that has no identity yet: with this, and something of its own behind it.
#define CLAIM_CLIENT_ID "Enrolment-"

// Where AWS IoT makes certificates, and attaches them.
#define CERTIFICATE_TOPIC "$aws/certificates/create-from-csr/json"
#define PROVISIONING_TOPIC "$aws/provisioning-templates/esp-fleet/provision/json"

// The thing of a device, and where it publishes, leaves its last will, and receives: each begins so, and goes on with its name.
#define THING_PREFIX ""
#define TELEMETRY_ROOT "rtjm/"
#define WILL_ROOT "rtjm/"
#define COMMAND_ROOT "cmd/rtjm/"

// Whom the board trusts to be the broker.
static const char AWS_CERT_CA[] PROGMEM = R"PEM(-----BEGIN CERTIFICATE-----
...
-----END CERTIFICATE-----
)PEM";

// Who the board is until it has an identity.
static const char CLAIM_CERT_CRT[] PROGMEM = R"PEM(-----BEGIN CERTIFICATE-----
...
-----END CERTIFICATE-----
)PEM";

static const char CLAIM_CERT_PRIVATE[] PROGMEM = R"PEM(-----BEGIN PRIVATE KEY-----
...
-----END PRIVATE KEY-----
)PEM";
