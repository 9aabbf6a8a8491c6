// asyncio's subprocesses: programs that are run, fed, read and ended with their scope.
/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />

export {
  createSubprocessExec,
  createSubprocessShell,
  DEVNULL,
  INHERIT,
  PIPE,
  type Stdio,
  type SubprocessOptions,
} from "./create-subprocess.ts";
export { Process, type ProcessStatistics } from "./process.ts";
