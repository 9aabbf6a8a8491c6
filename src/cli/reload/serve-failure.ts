import { stripVTControlCharacters } from "node:util";
import { exitCodes, exitSignalOf, runProgram } from "../../asyncio/index.ts";
import { type Application, type Exchange, findHeader, type RawHeaders, whyNotLocal } from "../../http/index.ts";
import { serve } from "../../server/index.ts";
import { enableDevelopment, escapeHtml, isDevelopment } from "../../web/index.ts";
import { choosePort, type RunSettings, serverValues } from "../run-settings.ts";
import { untilStopped } from "../until-stopped.ts";
import { describeThrown } from "../user-frames.ts";
import { connectToWatcher, replacedWithin } from "./connect-to-watcher.ts";

/**
 * Serves a page that says why the application does not run, until the watcher ends this process. It answers on the same
 * places as the application.
 *
 * @returns The exit code.
 */
export async function serveFailure(settings: RunSettings, text: string): Promise<number> {
  try {
    return await runProgram(() => servePage(settings, text));
  } catch (error) {
    if (exitSignalOf(error) !== undefined) return exitCodes.SIGTERM;
    console.error(`Clients wait for a change, as no page can be served: ${describeThrown(error)}`);
    return 1;
  }
}

async function servePage(settings: RunSettings, text: string): Promise<void> {
  enableDevelopment();
  using watcher = connectToWatcher();
  const port = await choosePort(settings, watcher?.lastPort);
  // The application's log is of its own requests, and its server may be what fails to open the file.
  const { accessLog: _access, errorLog: _error, ...values } = serverValues(settings);
  const { drainTimeout, keepIdle } = replacedWithin;
  const server = await serve(failurePage(text), { ...values, port, drainTimeout });
  await untilStopped(server, () => server.close({ keepIdle }));
}

const security: RawHeaders = ["Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"];

/** Answers each request with 503. The text is for clients on this machine, in development. */
function failurePage(text: string): Application {
  const plain = stripVTControlCharacters(text);
  return {
    handle: (exchange) => {
      const shown = isDevelopment() && whyNotLocal(exchange) === undefined ? plain : "";
      const [type, body] = wantsHtml(exchange)
        ? ["text/html", htmlOf(shown)]
        : ["text/plain", `${headline}\n\n${shown}\n`];
      const headers = ["Content-Type", `${type}; charset=utf-8`, "Cache-Control", "no-store", ...security];
      return exchange.respond(503, headers, body);
    },
  };
}

const headline = "The application does not run: it starts again when one of its files changes.";

function wantsHtml({ rawHeaders }: Exchange): boolean {
  return /\btext\/html\b/i.test(findHeader(rawHeaders, "accept") ?? "");
}

function htmlOf(text: string): string {
  return (
    `<!doctype html><meta charset="utf-8"><title>503 Service Unavailable</title>` +
    `<style>body{font-family:sans-serif;margin:2em}pre{white-space:pre-wrap}</style>` +
    `<h1>503 Service Unavailable</h1><p>${headline}</p><pre>${escapeHtml(text)}</pre>\n`
  );
}
