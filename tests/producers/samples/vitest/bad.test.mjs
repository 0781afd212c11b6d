import { describe, expect, it } from "vitest";
describe("shipments", () => {
  it("names the day", () => expect(1).toBe(2));
  it.skip("is skipped", () => {});
  it.todo("is still to be written");
  it("passes when retried", { retry: 1 }, ({ task }) => { if (!task.result.retryCount) throw new Error("first"); });
});
