/** For every client of the SDK, which by itself waits for an answer for ever. A call that hangs is tried again. */
export const timeLimits = {
  requestHandler: { connectionTimeout: 3_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
};

/**
 * For the clients of the SDK: AWS IoT answers some calls ten times a second only (FACTS.md, "Request limits"), and a
 * fleet has more devices than that. The SDK slows down by itself once it is told to.
 */
export const patience = { ...timeLimits, retryMode: 'adaptive', maxAttempts: 6 };
