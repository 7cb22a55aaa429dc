import { once } from 'node:events';
import { readdirSync, watch } from 'node:fs';

/** Waits until a folder, which is there already, has an entry of such a name. */
export async function appears(folder: string, name: RegExp): Promise<void> {
  const watcher = watch(folder);
  try {
    while (!readdirSync(folder).some((entry) => name.test(entry))) await once(watcher, 'change');
  } finally {
    watcher.close();
  }
}
