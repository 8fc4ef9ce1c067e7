import { MOST_DEVICES, MOST_FIELDS } from './request.ts';

/** What CloudWatch shows to whoever puts the widget into a dashboard, in Markdown. */
export const DESCRIPTION = `
## Curves of esp-fleet
Draws what devices sent, from the time-series: a panel a field, a colour a device.

### Widget parameters
Param | Description
---|---
**devices** | Names with commas between them, up to ${MOST_DEVICES}; without it, the first of the fleet
**fields** | Names of fields with commas between them, up to ${MOST_FIELDS}; without it, whatever the devices send

### Example parameters
\`\`\` yaml
devices: kitchen-sensor, garage-door
fields: temperature
\`\`\`
`;
