// The part that the receivers on Node have in common: lines of JSON on stdio, and frames from RTP packets.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";

const IDR = 5;
const STAP_A = 24;
const FU_A = 28;

/** Loads a package of tests/node, which is installed outside of the checkout. */
export const packages = createRequire(`${process.env.CAMERA_SIDECAR_TEST_NODE_MODULES}/`);

/** Writes one line. */
export function say(members) {
  process.stdout.write(`${JSON.stringify(members)}\n`);
}

/** The command line: media to receive, in order; the only video codec; the bundle policy. */
export function options() {
  const { values } = parseArgs({
    options: {
      media: { type: "string", default: "video" },
      codec: { type: "string", default: "H264" },
      policy: { type: "string", default: "" },
    },
  });
  return { ...values, media: values.media.split(",") };
}

/** Calls one of the handlers for each line of the input, in order, and `close` at its end. */
export async function follow({ offer, makeOffer, answer, candidate, close }) {
  for await (const line of createInterface({ input: process.stdin })) {
    const told = JSON.parse(line);
    if (told.candidate) await candidate(told);
    else if (told.ask === "offer") await makeOffer();
    else if (told.answer) await answer(told.answer);
    else await offer(told.offer);
  }
  await close();
}

/** Returns a function that takes the RTP packets of an H.264 track and reports each frame (RFC 3550, RFC 6184). */
export function frameReporter(kind) {
  let isKeyframe = false;
  return (packet) => {
    const hasExtension = (packet[0] & 0x10) !== 0;
    let start = 12 + 4 * (packet[0] & 0x0f);
    if (hasExtension) start += 4 + 4 * packet.readUInt16BE(start + 2);
    isKeyframe ||= hasIdr(packet.subarray(start));
    if ((packet[1] & 0x80) === 0) return;
    say({ frame: packet.readUInt32BE(4), keyframe: isKeyframe, kind });
    isKeyframe = false;
  };
}

function hasIdr(payload) {
  if (payload.length < 2) return false;
  const type = payload[0] & 31;
  if (type === FU_A) return (payload[1] & 31) === IDR;
  if (type !== STAP_A) return type === IDR;
  for (let at = 1; at + 2 < payload.length; at += 2 + payload.readUInt16BE(at)) {
    if ((payload[at + 2] & 31) === IDR) return true;
  }
  return false;
}
