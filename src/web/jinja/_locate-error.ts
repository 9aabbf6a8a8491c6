import { isCancelled } from "../../asyncio/index.ts";
import { TemplateFault, TemplateRuntimeError } from "../jinja-syntax/template-errors.ts";

const located = new WeakSet<Error>();

/**
 * Says of an error where in a template it happened. One of the engine becomes a {@link TemplateRuntimeError}; one of the
 * application, which its error handlers wait for, stays what it is, and gets the place into its stack.
 */
export function locate(error: unknown, template: string, line: number): unknown {
  if (error instanceof TemplateFault) return new TemplateRuntimeError(error.message, template, line);
  if (error instanceof RangeError && error.message.startsWith("Maximum call stack")) {
    return new TemplateRuntimeError("it is nested too deeply", template, line, { cause: error });
  }
  if (error instanceof Error && !located.has(error) && !isCancelled(error)) addFrame(error, `${template}:${line}`);
  return error;
}

function addFrame(error: Error, place: string): void {
  located.add(error);
  const { stack } = error;
  if (typeof stack !== "string" || Object.isFrozen(error)) return;
  const at = stack.indexOf("\n    at ");
  const frame = `\n    at template (${place}:1)`;
  Reflect.set(error, "stack", at < 0 ? stack + frame : stack.slice(0, at) + frame + stack.slice(at));
}
