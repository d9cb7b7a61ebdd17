// The sidecar as a child process that writes one JSON text a line, and the packages of tests/node.

import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

export const packages = createRequire(`${process.env.CAMERA_SIDECAR_TEST_NODE_MODULES}/`);

/** Start the program of the command line; `onLine` gets each line that it writes. */
export function start(onLine) {
  const [program, ...args] = process.argv.slice(2);
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  createInterface({ input: child.stdout, crlfDelay: Infinity }).on("line", onLine);
  return {
    write: (text) => new Promise((done, fail) => child.stdin.write(`${text}\n`, (error) => (error ? fail(error) : done()))),
    /** End its input; the exit code. */
    end: () =>
      new Promise((done) => {
        child.on("exit", done);
        child.stdin.end();
      }),
  };
}

/** Report the result to the test. */
export function report(result) {
  process.stdout.write(JSON.stringify(result));
}

/** The error of a call that must fail. */
export async function failure(promise) {
  try {
    return { unexpected: await promise };
  } catch (error) {
    return { code: error.code, data: error.data };
  }
}
