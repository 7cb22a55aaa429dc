import { createApp, GET, Path, PathParam } from '../../dist/framework/index.js';
import { method } from '../decorate.mjs';
import { many, serve } from './serve.mjs';

/** One route, or as many as are asked for in up to fifty controllers, each with a parameter. */
class PingController {
  ping() {
    return { ping: 'pong' };
  }
}
method(PingController, 'ping', { decorators: [GET, Path('/ping')] });
Path('/test')(PingController);

const areas = new Map();
for (let thing = 1; thing < many; thing++) {
  const area = thing % 50;
  if (!areas.has(area)) areas.set(area, class {});
  const Area = areas.get(area);
  Area.prototype[`thing${thing}`] = (id) => ({ thing, id });
  method(Area, `thing${thing}`, {
    parameters: [[String, [PathParam('id')]]],
    decorators: [GET, Path(`/thing${thing}/{id}`)],
  });
}
for (const [area, Area] of areas) Path(`/area${area}`)(Area);

const app = await createApp({ controllers: [PingController, ...areas.values()], logger: false });
serve(app.listen(0, '127.0.0.1'));
