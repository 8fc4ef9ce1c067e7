import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';

type Item = Record<string, AttributeValue>;

/** As much of the table of listed devices as is asked of it: what is written in another form, it refuses. */
export class FakeTable {
  readonly items = new Map<string, Item>();
  /** How many items a page of a scan has. */
  pageSize = 2;

  /** The texts of a line; undefined when there is none. */
  texts(device: string): Record<string, string> | undefined {
    const item = this.items.get(device);
    return (
      item && Object.fromEntries(Object.entries(item).flatMap(([name, { S }]) => (S === undefined ? [] : [[name, S]])))
    );
  }

  put(device: string, texts: Record<string, string>, version = 1): void {
    const all = Object.entries({ device, ...texts }).map(([name, S]) => [name, { S }] as const);
    this.items.set(device, { ...Object.fromEntries(all), version: { N: String(version) } });
  }

  answer(command: object): object {
    if (command instanceof GetItemCommand) return { Item: this.items.get(nameIn(command.input.Key)) };
    if (command instanceof ScanCommand) {
      const all = [...this.items.values()];
      const start = all.findIndex(({ device }) => device?.S === command.input.ExclusiveStartKey?.device?.S) + 1;
      const Items = all.slice(start, start + this.pageSize);
      const last = Items.at(-1)?.device;
      return { Items, ...(start + Items.length < all.length && last && { LastEvaluatedKey: { device: last } }) };
    }
    if (command instanceof PutItemCommand) {
      const { Item = {}, ConditionExpression } = command.input;
      check(ConditionExpression, { 'attribute_not_exists(device)': !this.items.has(nameIn(Item)) });
      this.items.set(nameIn(Item), Item);
      return {};
    }
    if (command instanceof DeleteItemCommand) {
      const { Key, ConditionExpression, ExpressionAttributeValues: values } = command.input;
      const item = this.items.get(nameIn(Key));
      check(ConditionExpression, { 'site = :site': item?.site?.S === values?.[':site']?.S });
      this.items.delete(nameIn(Key));
      return {};
    }
    if (command instanceof UpdateItemCommand) return this.#update(command);
    throw new Error(`the fake knows no ${command.constructor.name}`);
  }

  #update({ input }: UpdateItemCommand): object {
    const { Key, ConditionExpression, UpdateExpression = '' } = input;
    const { ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} } = input;
    const item = this.items.get(nameIn(Key));
    const version = item?.version?.N;
    check(ConditionExpression, {
      'attribute_exists(device)': item !== undefined,
      'version = :version': version !== undefined && version === values[':version']?.N,
    });
    const [, set = ''] = /^SET (.*) ADD version :one$/.exec(UpdateExpression) ?? [];
    const changed = { ...item, version: { N: String(Number(version) + 1) } } as Item;
    for (const [, name = '', value = ''] of set.matchAll(/(#\d+) = (:\d+)/g)) changed[names[name]!] = values[value]!;
    this.items.set(nameIn(Key), changed);
    return {};
  }
}

const nameIn = (item: Item | undefined) => item?.device?.S ?? '';

function check(condition: string | undefined, known: Readonly<Record<string, boolean>>): void {
  const holds = known[condition ?? ''];
  if (holds === undefined) throw new Error(`the fake knows no condition ${condition}`);
  if (!holds) throw new ConditionalCheckFailedException({ $metadata: {}, message: 'The conditional request failed' });
}
