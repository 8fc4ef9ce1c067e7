/**
 * What the CloudWatch dashboard calls a custom widget with: its parameters, and `widgetContext` (User Guide, "Details about
 * custom widgets in CloudWatch"). `describe` asks for documentation instead.
 */
export interface WidgetEvent {
  readonly describe?: boolean;
  readonly devices?: unknown;
  readonly fields?: unknown;
  readonly widgetContext?: WidgetContext;
}

export interface WidgetContext {
  /** Milliseconds since 1970; `zoom` when someone zoomed into another graph. */
  readonly timeRange: TimeRange & { readonly zoom?: TimeRange };
  readonly timezone?: { readonly offsetISO?: string };
  readonly theme?: string;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** What people typed into the widget's own form. */
  readonly forms?: { readonly all?: Readonly<Record<string, unknown>> };
  readonly params?: Readonly<Record<string, unknown>>;
}

interface TimeRange {
  readonly start: number;
  readonly end: number;
}

export interface ChartRequest {
  /** None: the first of the fleet, by name. */
  readonly devices: readonly string[];
  /** None: whatever the devices send. */
  readonly fields: readonly string[];
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  readonly dark: boolean;
  /** Of the clock that people look at, such as `+02:00`. */
  readonly offset: string;
  /** Of the whole widget, in pixels. */
  readonly width: number;
  readonly height: number;
}

/** As many colours as there are. */
export const MOST_DEVICES = 8;

/** Each has a panel of its own, and more than these could not be read. */
export const MOST_FIELDS = 6;

/** What the form says, else the parameters. */
export function chartRequest(event: WidgetEvent): ChartRequest {
  const { widgetContext: context } = event;
  if (context === undefined) throw new Error('CloudWatch did not send a widgetContext');
  const { start, end } = context.timeRange.zoom ?? context.timeRange;
  const chosen = (key: 'devices' | 'fields') =>
    [context.forms?.all?.[key], event[key], context.params?.[key]].map(names).find(({ length }) => length > 0) ?? [];
  return {
    devices: chosen('devices').slice(0, MOST_DEVICES),
    fields: chosen('fields').slice(0, MOST_FIELDS),
    from: start,
    to: end,
    dark: context.theme === 'dark',
    offset: /^[+-]\d\d:\d\d$/.test(context.timezone?.offsetISO ?? '') ? String(context.timezone?.offsetISO) : '+00:00',
    width: context.width,
    height: context.height,
  };
}

/** A list, or names with commas between them; each once. */
function names(value: unknown): string[] {
  const parts = [value].flat().flatMap((part) => (typeof part === 'string' ? part.split(',') : []));
  return [...new Set(parts.map((part) => part.trim()).filter((part) => part !== ''))];
}
