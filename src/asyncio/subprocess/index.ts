// asyncio's subprocesses: runs other programs, writes to them, reads from them, and ends them with their scope.
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
