import type { Exchange } from '../framework/exchange.js';
import { hush, isStream } from '../framework/http/streams.js';
import { Reply } from '../framework/reply.js';

/** The business logic: the controller's method with its arguments. */
export async function invoke(exchange: Exchange): Promise<void> {
  const result = exchange.operation.call(exchange.args, exchange);
  // A stream that was destroyed with an error says so before anything that is awaited here goes on.
  const entity = result instanceof Reply ? result.entity : result;
  if (isStream(entity)) hush(entity);
  exchange.result = await result;
}
