describe("shipments", () => {
  test("names the day", () => expect(1).toBe(2));
  test("throws", () => { throw new Error("no answer"); });
  test.skip("is skipped", () => {});
  test.todo("is still to be written");
});
