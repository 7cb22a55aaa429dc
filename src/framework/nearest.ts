/** The known name that the fewest edits lead to. */
export function nearestOf(name: string, known: readonly string[]): string {
  const text = name.toLowerCase();
  let nearest = '';
  let least = Number.POSITIVE_INFINITY;
  for (const each of known) {
    const edits = distance(text, each.toLowerCase());
    if (edits >= least) continue;
    nearest = each;
    least = edits;
  }
  return nearest;
}

/** Levenshtein's: characters put in, left out or replaced. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replaced = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
