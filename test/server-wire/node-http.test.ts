import { testEngine } from "./_engine.ts";

await testEngine("node:http");
