import { type CloudWatchClient, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';

interface Request {
  body: string;
  headers: Record<string, string>;
}

/**
 * Sends a form as older clients do, such as Debian's AWS CLI 2.9, signed by a current client that itself speaks JSON. The
 * client is of no use afterwards.
 *
 * @returns the XML of the answer
 */
export async function sendForm(client: CloudWatchClient | SQSClient, form: Record<string, string>): Promise<string> {
  let answer = '';
  // Both clients take the same middleware; their types only differ in the commands.
  const { middlewareStack } = client as CloudWatchClient;
  middlewareStack.add(
    (next) => (args) => {
      const request = args.request as Request;
      request.body = new URLSearchParams(form).toString();
      delete request.headers['x-amz-target'];
      request.headers['content-type'] = 'application/x-www-form-urlencoded; charset=utf-8';
      return next(args);
    },
    { step: 'build', priority: 'high' },
  );
  middlewareStack.add(
    (next) => async (args) => {
      const { response } = await next(args);
      for await (const chunk of (response as { body: AsyncIterable<Buffer> }).body) answer += chunk.toString();
      throw new Error('the answer is not for this client to read');
    },
    { step: 'deserialize', priority: 'low' },
  );
  const sent =
    client instanceof SQSClient ? client.send(new ListQueuesCommand({})) : client.send(new ListMetricsCommand({}));
  await sent.catch(() => undefined);
  return answer;
}
