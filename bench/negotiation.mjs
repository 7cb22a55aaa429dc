// What negotiation costs in the fast case: one representation, and an `Accept` that was seen before.

import { assemble } from '../dist/framework/assemble.js';
import { parsePath } from '../dist/framework/http/path.js';
import { GET, Path } from '../dist/framework/index.js';
import { negotiate } from '../dist/middleware/negotiate.js';

const CALLS = 2_000_000;

class PingController {
  ping() {
    return { ping: 'pong' };
  }
}
GET('/ping')(PingController.prototype, 'ping', {});
Path('/test')(PingController);

/** The CPU time of one call of the stage, in µs. */
export async function negotiationCost() {
  const { application } = await assemble({ controllers: PingController, logger: false }, () => {});
  const { target } = application.router.match(parsePath('/test/ping'));
  const headers = {
    host: 'localhost',
    accept: 'application/json, text/plain, */*',
    'accept-encoding': 'gzip, br',
  };
  const exchange = {
    candidates: target.verbs.get('GET'),
    ctx: { method: 'GET', req: { headers }, vary() {} },
  };
  const run = () => {
    const before = process.cpuUsage();
    for (let i = 0; i < CALLS; i++) negotiate(application, exchange);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / CALLS;
  };
  run();
  return Math.min(run(), run(), run());
}

/** Prints it beside what a whole ping costs, measured in the same run. */
export async function benchNegotiation(ping) {
  const cost = await negotiationCost();
  const share = (100 * cost) / ping;
  console.log(
    `negotiation: ${cost.toFixed(3)} µs, ${share.toFixed(2)} % of the CPU time of GET /test/ping (${ping.toFixed(1)} µs)\n`,
  );
}
