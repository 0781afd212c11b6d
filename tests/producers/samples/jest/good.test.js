describe("shipments", () => {
  test("names the day", () => expect(1).toBe(1));
  describe("refunds", () => { test("refuses one", () => expect(2).toBe(2)); });
});
