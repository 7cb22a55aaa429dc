import { isThenable } from '../framework/awaitable.js';
import type { CompiledApplication } from '../framework/compile/records.js';
import type { Exchange } from '../framework/exchange.js';
import { hush, isStream } from '../framework/http/streams.js';
import { Reply } from '../framework/reply.js';

/** The business logic: the controller's method with its arguments. A promise where the method returns one. */
export function invoke(_application: CompiledApplication, exchange: Exchange): void | Promise<void> {
  const { operation } = exchange;
  // A method that sees the context may answer by itself, and what it sets is its word.
  if (!operation.isDirect) exchange.setLasting();
  const result = operation.call(exchange.args, exchange);
  if (isThenable(result)) {
    return Promise.resolve(result).then((value) => {
      exchange.result = value;
    });
  }
  // A stream that was destroyed with an error says so before anything that is awaited goes on.
  const entity = result instanceof Reply ? result.entity : result;
  if (isStream(entity)) hush(entity);
  exchange.result = result;
}
