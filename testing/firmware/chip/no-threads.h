// For mbedTLS's headers (MBEDTLS_USER_CONFIG_FILE): Debian builds it with POSIX threads, which no chip has.
#undef MBEDTLS_THREADING_C
#undef MBEDTLS_THREADING_PTHREAD
