import type { WidgetContext, WidgetEvent } from '../../../lambda/chart-widget/request.ts';

export const NOW = Date.UTC(2026, 10, 24, 14);
const DAY = 86_400_000;

/** What the dashboard calls the widget with, for the day before {@link NOW}. */
export function widgetEvent(
  params: { devices?: unknown; fields?: unknown } = {},
  context: Partial<WidgetContext> = {},
): WidgetEvent {
  return {
    ...params,
    widgetContext: {
      timeRange: { start: NOW - DAY, end: NOW },
      timezone: { offsetISO: '+00:00' },
      theme: 'light',
      width: 800,
      height: 400,
      forms: { all: {} },
      params,
      ...context,
    },
  };
}
