import { ask } from './load.mjs';

/**
 * Whether a server's answers are what a workload asks for: byte for byte those that the workload says, or, for the
 * list, those of node:http (`expected`, null where this is node:http). An invalid body is answered in each framework's own shape, so there it is
 * the status, that the answer is JSON, and that it names every faulty property.
 *
 * @returns {Promise<string[]>} the answers
 * @throws Error that says what differs
 */
export async function verify(port, workload, expected) {
  const texts = await ask(port, workload.requests);
  for (const [index, text] of texts.entries()) {
    const answer = workload.requests[index].answer ?? expected?.[index] ?? text;
    if (workload.names !== undefined) checkNames(text, workload.names);
    else if (text !== answer) throw new Error(`${workload.name}: answered ${excerpt(text, answer)}`);
  }
  return texts;
}

function checkNames(text, names) {
  JSON.parse(text);
  const missing = names.filter((name) => !text.includes(name));
  if (missing.length > 0) throw new Error(`the errors don't name ${missing.join(', ')}: ${text}`);
}

/** Both texts from shortly before they part. */
function excerpt(text, answer) {
  let at = 0;
  while (at < text.length && text[at] === answer[at]) at++;
  const from = Math.max(0, at - 40);
  return `…${text.slice(from, at + 120)}… where …${answer.slice(from, at + 120)}… was expected`;
}
