import { collectionFunctions } from './collection.ts';
import { encodingFunctions } from './encoding.ts';
import type { SqlFunction } from './function.ts';
import { hashFunctions } from './hash.ts';
import { mathFunctions } from './math.ts';
import { messageFunctions } from './message.ts';
import { regexpFunctions } from './regexp.ts';
import { stringFunctions } from './string.ts';

const functions: ReadonlyMap<string, SqlFunction> = new Map(
  Object.entries({
    ...collectionFunctions,
    ...encodingFunctions,
    ...hashFunctions,
    ...mathFunctions,
    ...messageFunctions,
    ...regexpFunctions,
    ...stringFunctions,
  }),
);

/** Functions that AWS has and this library has not, each with what it would need. */
const missing: ReadonlyMap<string, string> = new Map([
  ['aws_lambda', 'AWS Lambda'],
  ['get_dynamodb', 'Amazon DynamoDB'],
  ['get_mqtt_property', 'the properties of MQTT 5'],
  ['get_registry_data', 'the AWS IoT registry'],
  ['get_secret', 'AWS Secrets Manager'],
  ['get_thing_shadow', 'the AWS IoT Device Shadow service'],
  ['get_user_properties', 'the user properties of MQTT 5'],
  ['machinelearning_predict', 'Amazon Machine Learning'],
  ['parse_time', "Joda-Time's date patterns"],
  ['sourceip', 'the address of the device'],
  ['time_to_epoch', "Java's date patterns"],
]);

/** The function with that name, in any case; or why there is none, in one phrase. */
export function findFunction(name: string): SqlFunction | string {
  const key = name.toLowerCase();
  const need = missing.get(key);
  return (
    functions.get(key) ??
    (need === undefined
      ? `AWS IoT SQL has no function ${name}`
      : `the function ${name} is not supported here, it needs ${need}`)
  );
}
