import { createServer } from 'node:http';
import { createApp, GET, Path, PathParam } from 'koanatomy';
import { serve } from './serve.mjs';

// Plain JavaScript: the decorators are applied by hand, with the types that TypeScript would emit.
class PingController {
  ping() {
    return { ping: 'pong' };
  }
}
GET('/ping')(PingController.prototype, 'ping', {});
Path('/test')(PingController);

class CaseController {
  find(id) {
    return { id };
  }
}
PathParam('id', { type: Number })(CaseController.prototype, 'find', 0);
GET('/{id}')(CaseController.prototype, 'find', {});
Path('/cases')(CaseController);

const app = await createApp({ controllers: [PingController, CaseController], logger: false });
serve(createServer(app.callback()));
