import { Blueprint } from "pottle";

export const home: Blueprint = new Blueprint("home");

home.get("/", () => "Welcome to the city_scape API. Use /api/city/* for API calls.");
