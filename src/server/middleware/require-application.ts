import { wrongType } from "../../base/refusal.ts";
import type { Application } from "../../http/index.ts";

/** @throws {TypeError} If `application` has no `handle`. */
export function requireApplication(action: string, name: string, application: Application): void {
  if (typeof (application as Partial<Application> | null | undefined)?.handle === "function") return;
  throw wrongType(action, `'${name}' must be an application, which has a function 'handle'`, application);
}
