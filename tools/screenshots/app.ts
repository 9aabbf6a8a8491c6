// The application in the pictures of the live view: reports share a printer, cities ask two services and a calendar.
import { Pottle } from "pottle";
import { CapacityLimiter, gather, Lock, publishFigures, sleep, timeout } from "pottle/asyncio";

const app: Pottle = new Pottle(import.meta);
const printer = new Lock({ name: "printer" });
const calendar = new Lock({ name: "calendar" });
const services = new CapacityLimiter(4);
publishFigures("services", services);

app.get("/report/<int:n>", ({ n }) => timeout(9_900, () => printer.with(() => sleep(6_000, `Report ${n}`))));

app.post("/import", () => {
  app.addBackgroundTask(importCalendar);
  return "Started.";
});

app.get("/city/<name>", async ({ name }) => {
  const [weather, news, events] = await gather(askWeather, askNews, readEvents);
  return { name, weather, news, events };
});

function importCalendar(): Promise<void> {
  return calendar.with(() => sleep(8_000));
}

function askWeather(): Promise<string> {
  return services.with(() => sleep(2_500, "sunny"));
}

function askNews(): Promise<string> {
  return services.with(() => sleep(3_000, "quiet"));
}

function readEvents(): Promise<string> {
  return calendar.with(() => sleep(700, "a concert"));
}

export default app;
