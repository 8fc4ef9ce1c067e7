import type {
  LabelParameterVersionRequest,
  LabelParameterVersionResult,
  UnlabelParameterVersionRequest,
  UnlabelParameterVersionResult,
} from '@aws-sdk/client-ssm';
import { AwsError } from '../errors.ts';
import { type AnyOperation, operation } from '../service.ts';
import type { Parameter, ParameterStore } from './parameter-store.ts';

/** Of one version of a parameter (API Reference, LabelParameterVersion). */
const MAX_LABELS = 10;

const isValid = (label: string): boolean => /^(?!\d|aws|ssm)[\w.-]{1,100}$/i.test(label);

export function parameterLabelOperations(store: ParameterStore): Record<string, AnyOperation> {
  const find = (name = '', version: number | undefined): Parameter =>
    store.find(version === undefined ? name : `${name}:${version}`);
  return {
    LabelParameterVersion: operation<LabelParameterVersionRequest, LabelParameterVersionResult>({
      takes: ['Name', 'ParameterVersion', 'Labels'],
      resource: ({ Name }) => store.arn(Name),
      handle: ({ Name, ParameterVersion, Labels = [] }) => {
        const parameter = find(Name, ParameterVersion);
        const valid = Labels.filter(isValid);
        if (new Set([...store.labels(parameter), ...valid]).size > MAX_LABELS)
          throw new AwsError(
            'ParameterVersionLabelLimitExceeded',
            `A parameter version can have maximum ${MAX_LABELS} labels.`,
          );
        store.label(parameter, valid);
        return {
          InvalidLabels: Labels.filter((label) => !isValid(label)),
          ParameterVersion: parameter.version,
        };
      },
    }),
    UnlabelParameterVersion: operation<UnlabelParameterVersionRequest, UnlabelParameterVersionResult>({
      takes: ['Name', 'ParameterVersion', 'Labels'],
      resource: ({ Name }) => store.arn(Name),
      handle: ({ Name, ParameterVersion, Labels = [] }) => {
        const parameter = find(Name, ParameterVersion);
        const attached = store.labels(parameter);
        const removed = Labels.filter((label) => attached.includes(label));
        store.unlabel(parameter, removed);
        return { RemovedLabels: removed, InvalidLabels: Labels.filter((label) => !removed.includes(label)) };
      },
    }),
  };
}
