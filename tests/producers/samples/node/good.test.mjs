import { describe, it } from "node:test";
describe("english", () => { it("answers politely", () => {}); it("refuses", () => {}); });
describe("german", () => { it("answers politely", () => {}); it("refuses", () => {}); });
