import { describe, expect, it } from "vitest";
describe("shipments", () => { it("names the day", () => expect(1).toBe(1)); it("refuses", () => {}); });
