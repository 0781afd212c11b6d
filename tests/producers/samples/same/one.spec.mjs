import { describe, it } from "vitest";
describe("shipments", () => { it("names the day", () => {}); });
