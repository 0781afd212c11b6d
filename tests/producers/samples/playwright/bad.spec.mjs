import { expect, test } from "@playwright/test";
test.describe("shipments", () => {
  test("names the day", () => { expect(1).toBe(2); });
  test("passes when retried", ({}, info) => { expect(info.retry).toBe(1); });
  test.skip("is skipped", () => {});
  test.fixme("is to be fixed", () => {});
  test("fails as expected", () => { test.fail(); expect(1).toBe(2); });
});
