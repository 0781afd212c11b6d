import { describe, it } from "node:test";
describe("shipments", () => { it("names the day", () => {}); });
it("alone", () => {});
