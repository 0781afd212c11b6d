import { test } from "@playwright/test";
test.describe("shipments", () => { test("names the day", () => {}); });
