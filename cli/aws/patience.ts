/**
 * For the clients of the SDK: AWS IoT answers some calls ten times a second only (FACTS.md, "Request limits"), and a
 * fleet has more devices than that. The SDK slows down by itself once it is told to.
 */
export const patience = { retryMode: 'adaptive', maxAttempts: 6 };
