/** What is in the way of looking into another process. */
export type InspectProblem =
  /** There is no process with this number. */
  | "missing"
  /** It belongs to another user. */
  | "forbidden"
  /** It is not a Node process, or opens no inspector. */
  | "unsuitable"
  /** Something else listens where its inspector would. */
  | "port"
  /** It did not answer in time. */
  | "silent"
  /** It ended, or closed its inspector, while it was looked into. */
  | "closed"
  /** It has not loaded Pottle. */
  | "foreign";

/** Says why another process cannot be looked into, and what can be done about it. */
export class InspectError extends Error {
  override readonly name = "InspectError";
  /** The number of the process. */
  readonly pid: number;
  /** What is in the way. */
  readonly problem: InspectProblem;

  constructor(pid: number, problem: InspectProblem, reason: string, options?: ErrorOptions) {
    super(`Cannot look into process ${pid} as ${reason}`, options);
    this.pid = pid;
    this.problem = problem;
  }
}
