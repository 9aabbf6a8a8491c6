import { testEngine } from "./_engine.ts";

await testEngine("pottle");
