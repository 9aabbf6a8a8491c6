import { Console } from "node:console";
import { writeSync } from "node:fs";

/**
 * A console that writes synchronously, not through the streams `process.stdout` and `process.stderr`. Ctrl+C can end a line
 * in the middle of a write. A stream would then wait for the end of that write, and print nothing
 * more.
 */
export function createDirectConsole(): Console {
  return new Console({
    stdout: directStream(1),
    stderr: directStream(2),
    ignoreErrors: false, // else it wants more of a stream than to be written to
    colorMode: process.stdout.isTTY,
  });
}

function directStream(descriptor: number): NodeJS.WritableStream {
  const write = (text: string): boolean => writeWhole(descriptor, Buffer.from(text));
  return { write } as NodeJS.WritableStream;
}

function writeWhole(descriptor: number, bytes: Uint8Array): boolean {
  for (let written = 0; written < bytes.length;) {
    try {
      written += writeSync(descriptor, bytes, written);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EPIPE") return false; // the reader is gone
      if (code !== "EAGAIN") throw error;
      Atomics.wait(pause, 0, 0, 1); // a pipe that is full
    }
  }
  return true;
}

const pause = new Int32Array(new SharedArrayBuffer(4));
