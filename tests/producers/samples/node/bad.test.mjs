import { describe, it, test } from "node:test";
import assert from "node:assert";
describe("shipments", () => {
  it("names the day", () => assert.equal(1, 2));
  it("passes", () => {});
  it.skip("is skipped", () => {});
  it.todo("is still to be written");
});
test("deep", async (t) => { await t.test("inner", async (s) => { await s.test("innermost", () => {}); }); });
