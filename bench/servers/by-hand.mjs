// What the peers without a framework do by hand: reading, checking and writing, complete but no more than asked for.

/** The value of a JSON body of at most 1 MiB. */
export function readJson(req) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    let size = 0;
    req.on('data', (chunk) => {
      size += chunk.length;
      if (size > 1_048_576) return reject(new Error('too large'));
      chunks.push(chunk);
    });
    req.on('end', () => {
      try {
        resolve(JSON.parse((chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)).toString()));
      } catch (error) {
        reject(error);
      }
    });
    req.on('error', reject);
  });
}

const isText = (value, min, max) => typeof value === 'string' && value.length >= min && value.length <= max;
const PRIORITIES = ['low', 'normal', 'high'];

/** Every fault of an order, in the order of its properties; empty where there is none. */
export function faultsOf(order) {
  const faults = [];
  const fault = (property, message) => faults.push({ property, message });
  if (!isText(order.reference, 3, 40)) fault('reference', 'must be a string of 3 to 40 characters');
  if (typeof order.customer !== 'string' || !/^[A-Z]{2}\d{6}$/.test(order.customer))
    fault('customer', 'must be two letters and six digits');
  if (!Number.isInteger(order.quantity) || order.quantity < 1 || order.quantity > 1000)
    fault('quantity', 'must be an integer from 1 to 1000');
  if (!Number.isFinite(order.price) || order.price < 0) fault('price', 'must be a number of at least 0');
  if (!PRIORITIES.includes(order.priority)) fault('priority', 'must be low, normal or high');
  if (typeof order.express !== 'boolean') fault('express', 'must be a boolean');
  if (
    !Array.isArray(order.tags) ||
    order.tags.length > 5 ||
    order.tags.some((tag) => typeof tag !== 'string')
  )
    fault('tags', 'must be at most 5 strings');
  if (order.note !== undefined && order.note !== null && !isText(order.note, 0, 200))
    fault('note', 'must be a string of at most 200 characters');
  const { address } = order;
  if (typeof address !== 'object' || address === null) {
    fault('address', 'must be an object');
    return faults;
  }
  if (!isText(address.street, 1, 100)) fault('address.street', 'must be a string of 1 to 100 characters');
  if (!isText(address.city, 1, 60)) fault('address.city', 'must be a string of 1 to 60 characters');
  if (typeof address.postcode !== 'string' || !/^\d{4,5}$/.test(address.postcode))
    fault('address.postcode', 'must be four or five digits');
  if (!isText(address.country, 2, 2)) fault('address.country', 'must be two letters');
  return faults;
}

/** What a client sees of a case. */
export function shown(one) {
  const { assignee } = one;
  return {
    id: one.id,
    reference: one.reference,
    title: one.title,
    status: one.status,
    priority: one.priority,
    urgent: one.urgent,
    createdAt: one.createdAt,
    assignee: { id: assignee.id, name: assignee.name, team: assignee.team },
    tags: one.tags,
    description: one.description,
  };
}

/** Path and query, split once. */
export function route(url) {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  return { segments: path.split('/'), query: mark < 0 ? '' : url.slice(mark + 1) };
}
