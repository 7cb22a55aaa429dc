import { type ApplicationOptions, type ControllerSource, createApp } from 'koanatomy';
import request from 'supertest';

/** An application of these controllers behind supertest, without a log. */
export async function serve(
  controllers: ControllerSource | readonly ControllerSource[],
  options: Omit<ApplicationOptions, 'controllers'> = {},
) {
  const app = await createApp({ controllers, logger: false, ...options });
  return request(app.callback());
}
