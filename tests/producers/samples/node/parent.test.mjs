import { test } from "node:test";
import assert from "node:assert";
test("parent", async (t) => { await t.test("child", () => {}); assert.equal(1, 2); });
