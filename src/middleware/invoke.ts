import type { Exchange } from '../framework/exchange.js';

/** The business logic: the controller's method with its arguments. */
export async function invoke(exchange: Exchange): Promise<void> {
  exchange.result = await exchange.operation.call(exchange.args, exchange);
}
