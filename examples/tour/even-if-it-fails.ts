import { isCancelled } from "pottle/asyncio";
import { type Application, Lifespan, passWebSocket, wrapApplications } from "pottle/http";

/** An application that does not keep the others from being served when it cannot start: it says why it could not. */
export function evenIfItFails(name: string, app: Application): Application {
  let reason: string | undefined;
  const lifespan = new Lifespan();
  lifespan.onStart(async () => {
    try {
      await app.lifespan?.start();
    } catch (error) {
      if (isCancelled(error)) throw error;
      reason = `${name} could not be started: ${error instanceof Error ? error.message : String(error)}\n`;
      console.error(reason.trimEnd());
    }
  });
  lifespan.onStop(() => app.lifespan?.stop());
  const explain = ["Content-Type", "text/plain; charset=utf-8"];
  return wrapApplications([app], {
    lifespan,
    handle: (exchange) => (reason === undefined ? app.handle(exchange) : exchange.respond(503, explain, reason)),
    websocket: (socket) => (reason === undefined ? passWebSocket(app, socket) : socket.reject(503, explain, reason)),
  });
}
