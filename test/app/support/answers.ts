import { expect } from 'vitest';

/** An answer, as far as these tests look at it. */
export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Record<string, unknown>;
}

/** A problem document with these members and, save for the issues of a validation, no others. */
export function expectProblem({ status, headers, body }: Answer, expected: number, detail?: string): void {
  expect({ status, type: headers['content-type'] }).toEqual({
    status: expected,
    type: 'application/problem+json',
  });
  const { errors, ...document } = body;
  expect(document).toEqual({
    type: expect.any(String),
    title: expect.any(String),
    status: expected,
    detail: detail ?? expect.any(String),
    instance: expect.any(String),
  });
  if (detail !== undefined) expect(errors).toBeUndefined();
}
