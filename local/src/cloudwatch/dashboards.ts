import type * as sdk from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../errors.ts';
import type { Account, Operations } from '../service.ts';
import type { State } from '../state/state.ts';

interface Dashboard {
  readonly name: string;
  readonly body: string;
}

/** API Reference, "Dashboard Body Structure and Syntax". */
const WIDGETS = ['alarm', 'custom', 'explorer', 'log', 'metric', 'text'];

const invalid = (message: string): AwsError =>
  new AwsError('DashboardInvalidInputError', `The field DashboardBody is not valid: ${message}`);

/** What can be seen of a body without drawing it. */
function checkBody(body: string): void {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch (error) {
    throw invalid(`it is not JSON: ${(error as Error).message}`);
  }
  const { widgets } = (parsed ?? {}) as { widgets?: unknown };
  if (!Array.isArray(widgets)) throw invalid('it has no list of widgets');
  for (const [index, widget] of (widgets as { type?: string; properties?: unknown }[]).entries()) {
    const place = `/widgets/${index}`;
    if (!WIDGETS.includes(widget.type ?? ''))
      throw invalid(`${place}/type is ${String(widget.type)}; allowed are ${WIDGETS.join(', ')}`);
    if (typeof widget.properties !== 'object' || widget.properties === null)
      throw invalid(`${place} has no properties`);
  }
}

export function dashboardOperations(state: State, { id }: Account): Operations<typeof sdk> {
  const dashboards = state.collection<Dashboard>('cloudwatch.dashboards');
  const arn = (name = ''): string => `arn:aws:cloudwatch::${id}:dashboard/${name}`;
  const find = (name = ''): Dashboard => {
    const dashboard = dashboards.get(name);
    if (!dashboard) throw new AwsError('DashboardNotFoundError', `Dashboard ${name} does not exist`, 404);
    return dashboard;
  };
  return {
    PutDashboard: {
      takes: ['DashboardName', 'DashboardBody'],
      resource: ({ DashboardName }) => arn(DashboardName),
      handle: ({ DashboardName: name = '', DashboardBody: body = '' }) => {
        if (!/^[A-Za-z0-9_-]{1,255}$/.test(name))
          throw new AwsError(
            'DashboardInvalidInputError',
            `The dashboard name ${name} must be 1 to 255 letters, digits, - and _.`,
          );
        checkBody(body);
        dashboards.set(name, { name, body });
        return { DashboardValidationMessages: [] };
      },
    },
    GetDashboard: {
      takes: ['DashboardName'],
      resource: ({ DashboardName }) => arn(DashboardName),
      handle: ({ DashboardName }) => {
        const { name, body } = find(DashboardName);
        return { DashboardArn: arn(name), DashboardName: name, DashboardBody: body };
      },
    },
    DeleteDashboards: {
      takes: ['DashboardNames'],
      resource: ({ DashboardNames: [first = ''] = [] }) => arn(first),
      handle: ({ DashboardNames = [] }, call) => {
        for (const name of DashboardNames.slice(1)) call.authorize('cloudwatch:DeleteDashboards', arn(name));
        // With one wrong name none is deleted (API Reference, DeleteDashboards).
        for (const name of DashboardNames) find(name);
        for (const name of DashboardNames) dashboards.delete(name);
      },
    },
  };
}
