/** The reason why another process cannot be inspected. */
export type InspectProblem =
  /** There is no process with this ID. */
  | "missing"
  /** The process belongs to another user. */
  | "forbidden"
  /** It is not a Node process, or does not open its inspector. */
  | "unsuitable"
  /** Another program listens on the port of its inspector. */
  | "port"
  /** The process did not answer in time. */
  | "silent"
  /** The process ended or closed its inspector during the inspection. */
  | "closed"
  /** The process has not loaded Pottle. */
  | "foreign";

/** Another process cannot be inspected. The message says why, and what can be done about it. */
export class InspectError extends Error {
  override readonly name = "InspectError";
  /** The ID of the process. */
  readonly pid: number;
  /** The reason. */
  readonly problem: InspectProblem;

  constructor(pid: number, problem: InspectProblem, reason: string, options?: ErrorOptions) {
    super(`Cannot look into process ${pid} as ${reason}`, options);
    this.pid = pid;
    this.problem = problem;
  }
}
