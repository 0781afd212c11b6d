describe("shipments", () => { it("names the day", () => {}); describe("refunds", () => { it("refuses one", () => {}); }); });
