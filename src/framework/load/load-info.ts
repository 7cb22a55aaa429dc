import type { Admission } from './admission.js';
import type { Bulkhead } from './bulkhead.js';
import type { Bulkheads } from './bulkheads.js';

/** How many are inside of something that has a limit, and how many wait for it. */
export interface PlacesInfo {
  readonly inside: number;
  readonly waiting: number;
  /** The most that may be inside; of an adaptive limit what it is now. */
  readonly limit: number;
}

/** How busy an application is. */
export interface LoadInfo {
  /** The requests in flight. */
  readonly inFlight: PlacesInfo;
  /** The requests that wait for a slow client alone. */
  readonly slow: number;
  /** How many requests have been refused with 503 since the start. */
  readonly refused: number;
  /** Whether one has been within the last second. */
  readonly isShedding: boolean;
  /** By name: what `@MaxConcurrent` limits (`CaseController.find`), and the shared resources. */
  readonly places: Readonly<Record<string, PlacesInfo>>;
}

/** Reads it off. */
export function loadOf({
  admission,
  bulkheads,
}: {
  readonly admission: Admission;
  readonly bulkheads: Bulkheads;
}): LoadInfo {
  const { flight, slow, refused, isShedding } = admission;
  const places = Object.fromEntries(bulkheads.all().map((each) => [each.name, placesOf(each)]));
  return { inFlight: placesOf(flight), slow, refused, isShedding, places };
}

function placesOf({ inside, waiting, limit }: Bulkhead): PlacesInfo {
  return { inside, waiting, limit };
}
