/* The messages of AWS IoT about connections (DG, life-cycle-events). Topic rules get them; whoever subscribes to them is refused. */

const PRESENCE = '$aws/events/presence/';

export const presenceTopic = (event: 'connected' | 'disconnected', clientId: string): string =>
  `${PRESENCE}${event}/${clientId}`;

/** Whether nothing but such messages matches a topic filter. */
export const isPresenceFilter = (filter: string): boolean => filter.startsWith(PRESENCE);
