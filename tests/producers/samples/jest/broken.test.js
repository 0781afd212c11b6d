test("does not parse", () => {
