// Clears the database, and makes its tables anew.                 run it:  node init-db.ts
import { databaseFile, initDatabase } from "./database.ts";

initDatabase(databaseFile());
console.log("Initialized the database.");
